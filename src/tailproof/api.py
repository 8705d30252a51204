"""The functions that ``import tailproof`` offers beside the records: each job in one call, with defaults."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tailproof import pipeline
from tailproof.bars.loaded import Loaded
from tailproof.core.errors import ConfigError
from tailproof.core.events import Reporter
from tailproof.core.records import Bars
from tailproof.referee.judge_model import judge_model
from tailproof.referee.outside_model import load_model, outside_model
from tailproof.runs.finished_run import Run, StoredRun
from tailproof.settings.train_settings import TrainSettings
from tailproof.storage import refuse_taken, verify


def train(
    data: Any,
    *,
    settings: TrainSettings | None = None,
    out: Path | str | None = None,
    vix: Path | str | None = None,
    overwrite: bool = False,
    resume: bool = False,
    reporter: Reporter = pipeline.PRINT,
    **options: Any,
) -> Run:
    """Train a population on bars and say whether it learned anything: ``tailproof train``.

    Args:
        data: bars: a file, a folder or a pattern of files (str or Path), a polars or pandas frame, or ``Bars``.
        settings: what to train and how; the defaults where it is None.
        out: the run folder to make; by default runs/NAME-TIME.
        vix: file of VIX closes to merge, daily or intraday.
        overwrite: replace a run at ``out``.
        resume: continue the stopped run at ``out``; begin one where there is none.
        reporter: receives every event; by default lines for people are printed.
        options: options of ``tailproof train`` by name, such as ``members=4`` or ``split="holdout"``; they win over
            ``settings``.

    Raises:
        ConfigError: an option is unknown (with a suggestion), out of range, or cannot be meant.
        DataError: lists every fault of the bars.
        RunFolderError: the folder is taken, or the run in it cannot be resumed.
        TrainingError: training was stopped by its guards.
    """
    chosen = _settings(settings, options)
    how: dict[str, Any] = {
        "settings": chosen,
        "out": _folder(out, data, kind="", resume=resume),
        "overwrite": overwrite,
        "resume": resume,
        "reporter": reporter,
    }
    if isinstance(data, Bars):
        _refuse_vix(vix)
        return pipeline.train_on_bars(data, **how)
    return pipeline.train(data, vix=None if vix is None else Path(vix), **how)


def judge(
    data: Any,
    *,
    model: Any,
    settings: TrainSettings | None = None,
    out: Path | str | None = None,
    vix: Path | str | None = None,
    overwrite: bool = False,
    resume: bool = False,
    reporter: Reporter = pipeline.PRINT,
    **options: Any,
) -> Run:
    """Judge a model of your own as networks are judged, fitted anew for every fold and placebo: ``tailproof judge``.

    Args:
        data: bars, as for ``train``.
        model: an estimator with fit(X, y) and predict(X), which is cloned for each fit; a function that makes one; or
            "FILE.py:NAME" of either.
        settings: how it is judged; the defaults where it is None.
        out: the run folder to make; by default runs/judge-NAME-TIME.
        vix: file of VIX closes to merge, daily or intraday.
        overwrite: replace a run at ``out``.
        resume: continue after the last fold that a stopped run stored.
        reporter: receives every event; by default lines for people are printed.
        options: options of ``tailproof judge`` by name, such as ``folds=3``; they win over ``settings``.

    Raises:
        InputError: as for ``train``; a ConfigError also where the model cannot be fitted or does not give one finite
            number per row.
    """
    chosen = _settings(settings, options)
    judged = load_model(model) if isinstance(model, str) else outside_model(model)
    folder = _folder(out, data, kind="judge-", resume=resume)
    refuse_taken(folder, overwrite=overwrite, resume=resume)
    bars, loaded = _bars(data, chosen, vix)
    return judge_model(
        bars,
        judged,
        settings=chosen,
        out=folder,
        overwrite=overwrite,
        resume=resume,
        reporter=reporter,
        loaded=loaded,
    )


def open_run(folder: Path | str) -> StoredRun:
    """A finished run, from its folder.

    Raises:
        RunFolderError: the folder is no finished run, or a file has changed since it ended.
    """
    path = Path(folder)
    verify(path)
    return StoredRun(folder=path)


def _settings(settings: TrainSettings | None, options: dict[str, Any]) -> TrainSettings:
    return TrainSettings(**options) if settings is None else settings.replace(**options)


def _folder(out: Path | str | None, data: Any, *, kind: str, resume: bool) -> Path:
    if out is not None:
        return Path(out)
    if resume:
        raise ConfigError("resume goes on with the run in a folder, but no folder was given. Name it with out=.")
    name = Path(data).stem if isinstance(data, str | Path) else "bars"
    return Path("runs") / f"{kind}{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}"


def _bars(data: Any, settings: TrainSettings, vix: Path | str | None) -> tuple[Bars, Loaded | None]:
    if isinstance(data, Bars):
        _refuse_vix(vix)
        return data, None
    return pipeline.read_bars(data, settings=settings, vix=None if vix is None else Path(vix))


def _refuse_vix(vix: Path | str | None) -> None:
    if vix is not None:
        raise ConfigError("vix is merged into bars that are read here, but these are Bars. Merge it with merge_known.")
