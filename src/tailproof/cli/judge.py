"""``tailproof judge``: a model from outside under the verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tailproof.cli.printing import show
from tailproof.cli.settings_options import chosen, takes_settings
from tailproof.cli.train import default_folder, refuse_contradiction
from tailproof.settings.train_settings import load_settings


@takes_settings("features", "task", "split", "evaluation", "costs", "reading", "vix")
def judge(
    data: Path,
    /,
    *,
    model: str,
    vix: Path | None = None,
    out: Path | None = None,
    config: Path | None = None,
    seed: int | None = None,
    overwrite: Annotated[bool, Parameter(negative=())] = False,
    resume: Annotated[bool, Parameter(negative=())] = False,
    quiet: Annotated[bool, Parameter(negative=())] = False,
    log_json: Annotated[bool, Parameter(negative=())] = False,
    **given: Any,
) -> None:
    """Judge a model of your own as tailproof's networks are judged: fitted anew for every fold and every placebo.

    Parameters
    ----------
    data
        OHLCV bars, labelled by bar start: CSV or Parquet, columns named in any case.
    model
        FILE.py:NAME of a function that makes an estimator with fit(X, y) and predict(X), or of such an estimator.
    vix
        VIX closes to merge, daily or intraday: each is seen only from when it was published.
    out
        Folder for the run; by default runs/NAME-TIME.
    config
        TOML file with the keys of the options below; options on the command line win.
    seed
        Seed of every random number, including the model's.
    overwrite
        Replace a run in that folder, be it finished or stopped.
    resume
        Go on with the run that was stopped in that folder, after the last fold that it kept.
    quiet
        Print the verdict's sentence alone; the log file holds the rest.
    log_json
        Print one JSON object a line, for programs.
    """
    from tailproof import pipeline
    from tailproof.referee.judge_model import judge_model
    from tailproof.referee.outside_model import load_model
    from tailproof.report.screen import screen
    from tailproof.storage import refuse_taken

    settings = load_settings(config, chosen({**given, "seed": seed}))
    refuse_contradiction(out, overwrite=overwrite, resume=resume)
    folder = out or default_folder(f"judge-{data.stem}")
    refuse_taken(folder, overwrite=overwrite, resume=resume)
    judged = load_model(model)
    bars, loaded = pipeline.read_bars(data, settings=settings, vix=vix)
    with screen(quiet=quiet, log_json=log_json) as shown:
        run = judge_model(
            bars,
            judged,
            settings=settings,
            out=folder,
            overwrite=overwrite,
            resume=resume,
            reporter=shown,
            loaded=loaded,
        )
    if quiet:
        show(run.verdict.sentence)
