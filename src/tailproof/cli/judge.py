"""``tailproof judge``: models and forecasts from outside under the verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tailproof.cli.printing import show
from tailproof.cli.settings_options import chosen, takes_settings
from tailproof.cli.train import default_folder, finished_before, refuse_contradiction
from tailproof.settings.train_settings import load_settings


@takes_settings("features", "task", "split", "evaluation", "optimisation", "costs", "reading", "vix", "series")
def judge(
    bars: Path,
    *,
    model: Annotated[list[str] | None, Parameter(negative=())] = None,
    forecasts: Path | None = None,
    neutral: float = 0.0,
    vix: Path | None = None,
    jobs: int = 1,
    ray: str | None = None,
    out: Path | None = None,
    config: Path | None = None,
    seed: int | None = None,
    overwrite: Annotated[bool, Parameter(negative=())] = False,
    resume: Annotated[bool, Parameter(negative=())] = False,
    quiet: Annotated[bool, Parameter(negative=())] = False,
    log_json: Annotated[bool, Parameter(negative=())] = False,
    **flags: Any,
) -> None:
    """Judge a model of your own as tailproof's networks are judged, or forecasts that were made elsewhere.

    A model is fitted anew for every fold and every placebo. Forecasts are judged as they stand: nobody can check how
    they were made, so their verdict is conditional.

    Parameters
    ----------
    bars
        OHLCV bars, labelled by bar start: CSV or Parquet, columns named in any case.
    model
        FILE.py:NAME of a function that makes an estimator with fit(X, y) and predict(X) or a torch module, or of one of
        these. Given several times, each is a run beside the built-in network, with one page on all of them.
    forecasts
        In place of a model: CSV or Parquet with the columns known_at (or time, the start of the bar that had just
        ended), prediction, and horizon unless --horizon says it.
    neutral
        The prediction of --forecasts that says neither up nor down, such as 0.5 of a probability to rise.
    vix
        VIX closes to merge, daily or intraday: each is seen only from when it was published.
    jobs
        Processes that share the fits of a fold. Changes no result. Those of torchrun share them without this option.
    ray
        Share the fits over a Ray cluster: give its address, auto for the cluster of this machine, or local for a new
        one; needs the extra ray.
    out
        Folder for the run; by default runs/NAME-TIME. Of several models: OUT-network, OUT-MODEL for each, OUT.html.
    config
        TOML file with the keys of the options below; options on the command line win.
    seed
        Seed of every random number, including the model's.
    overwrite
        Replace the run in that folder, finished or stopped.
    resume
        Resume the run that was stopped in that folder, after the last fold that it stored.
    quiet
        Print the verdict's sentence alone; the log file holds the rest.
    log_json
        Print one JSON object per line, for programs.
    """
    from tailproof.engines.distributed import open_workers
    from tailproof.referee.contest import Contest
    from tailproof.referee.judge import judge as judge_data
    from tailproof.report.screen import screen

    settings = load_settings(config, chosen({**flags, "seed": seed}))
    refuse_contradiction(out, overwrite=overwrite, resume=resume)
    folder = out or default_folder(f"judge-{bars.stem}")
    with open_workers(ray=ray, threads=settings.running.threads) as workers:
        if resume and len(model or ()) == 1 and finished_before(folder):
            return
        with screen(quiet=quiet, log_json=log_json) as shown:
            run = judge_data(
                bars,
                model=model,
                forecasts=forecasts,
                neutral=neutral,
                settings=settings,
                out=folder,
                vix=vix,
                jobs=jobs,
                workers=workers,
                overwrite=overwrite,
                resume=resume,
                reporter=shown,
            )
    if quiet:
        show("\n".join(run.lines() if isinstance(run, Contest) else [run.verdict.sentence]))
