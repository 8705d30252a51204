"""``tailproof train``: the main job."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tailproof.cli.printing import show
from tailproof.cli.settings_options import ALL, chosen, takes_settings
from tailproof.core.errors import ConfigError
from tailproof.settings.train_settings import load_settings


@takes_settings(*ALL)
def train(
    data: Path,
    /,
    *,
    vix: Path | None = None,
    out: Path | None = None,
    config: Path | None = None,
    overwrite: Annotated[bool, Parameter(negative=())] = False,
    resume: Annotated[bool, Parameter(negative=())] = False,
    quiet: Annotated[bool, Parameter(negative=())] = False,
    log_json: Annotated[bool, Parameter(negative=())] = False,
    tensorboard: Path | None = None,
    mlflow: str | None = None,
    ray: str | None = None,
    **flags: Any,
) -> None:
    """Train a network on bars and say whether it learned anything.

    --help lists the options that most people use, --help-all every one; each is also a key of --config.

    Parameters
    ----------
    data
        OHLCV bars, labelled by bar start: CSV or Parquet, columns named in any case.
    vix
        VIX closes to merge, daily or intraday: each is seen only from when it was published.
    out
        Folder for the run; by default runs/NAME-TIME.
    config
        TOML file with the keys of the options below; options on the command line win.
    overwrite
        Replace the run in that folder, finished or stopped.
    resume
        Resume the run that was stopped in that folder, with the same result; start one where there is none.
    quiet
        Print the verdict's sentence alone; the log file holds the rest.
    log_json
        Print one JSON object per line, for programs.
    tensorboard
        Folder for TensorBoard's event files; needs the extra tensorboard.
    mlflow
        Address of an MLflow tracking server, such as http://127.0.0.1:5000; needs the extra mlflow.
    ray
        Train on a Ray cluster: give its address, auto for the cluster of this machine, or local for a new one; needs
        the extra ray.
    """
    from tailproof import pipeline
    from tailproof.engines.distributed import open_workers
    from tailproof.report import Several
    from tailproof.report.screen import screen
    from tailproof.report.writers import writers

    settings = load_settings(config, chosen(flags))
    refuse_contradiction(out, overwrite=overwrite, resume=resume)
    folder = out or default_folder(data.stem)
    with open_workers(ray=ray, threads=settings.running.threads) as workers:
        if resume and finished_before(folder):
            return
        with (
            writers(folder, tensorboard=tensorboard, mlflow=mlflow, overwrite=overwrite or resume) as curves,
            screen(quiet=quiet, log_json=log_json) as shown,
        ):
            run = pipeline.train(
                data,
                settings=settings,
                out=folder,
                vix=vix,
                overwrite=overwrite,
                resume=resume,
                reporter=Several(shown, curves),
                workers=workers,
            )
    if quiet:
        show(run.verdict.sentence)


def default_folder(name: str) -> Path:
    """runs/NAME-TIME in the current folder, time in UTC."""
    return Path("runs") / f"{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}"


def finished_before(folder: Path) -> bool:
    """Whether the run to be resumed is finished; then what it had left to do is done, and a line says so."""
    from tailproof.runs.settle import settle_finished

    sentence = settle_finished(folder)
    if sentence is not None:
        show(f"{folder}: this run is finished, so there is nothing to resume. {sentence}")
    return sentence is not None


def refuse_contradiction(out: Path | None, *, overwrite: bool, resume: bool) -> None:
    """Raise ConfigError where it is unclear which run is to be resumed, or whether one is."""
    if resume and out is None:
        raise ConfigError("--resume continues the run in a folder, but no folder was given. Name it with --out.")
    if resume and overwrite:
        raise ConfigError("--resume keeps the run in the folder and --overwrite replaces it. Give one of them.")
