"""One call for whatever is judged: bars from a file or a frame, and a model or forecasts from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tailproof import pipeline
from tailproof.bars.loaded import Loaded
from tailproof.core.errors import ConfigError
from tailproof.core.events import Reporter
from tailproof.core.records import Bars
from tailproof.referee.given_forecasts import read_forecasts
from tailproof.referee.judge_forecasts import judge_forecasts
from tailproof.referee.judge_model import judge_model
from tailproof.referee.outside_model import load_model, outside_model
from tailproof.runs.finished_run import Run, StoredRun
from tailproof.settings.train_settings import TrainSettings
from tailproof.storage import refuse_taken


def judge(
    data: Any,
    *,
    model: Any,
    forecasts: Any,
    neutral: float,
    settings: TrainSettings,
    out: Path,
    vix: Path | None,
    jobs: int,
    overwrite: bool,
    resume: bool,
    reporter: Reporter,
) -> Run | StoredRun:
    """Judge a model, or forecasts; see ``tailproof.judge`` for the arguments.

    Raises:
        ConfigError: there is not exactly one thing to judge, or it cannot be used.
        InputError: the bars, the settings or the folder cannot be used.
    """
    if (model is None) == (forecasts is None):
        raise ConfigError(
            "judge needs a model, to be fitted and judged, or forecasts, to be judged as they stand; got "
            f"{'neither' if model is None else 'both'}."
        )
    if resume and forecasts is not None:
        raise ConfigError("forecasts are judged in one go, so there is nothing to resume. Give overwrite instead.")
    if jobs < 1:
        raise ConfigError(f"jobs must be 1 or more processes, got {jobs}.")
    refuse_taken(out, overwrite=overwrite, resume=resume)
    judged = None if model is None else load_model(model) if isinstance(model, str) else outside_model(model)
    bars, loaded = bars_of(data, settings, vix)
    if judged is None:
        zone, horizon = settings.reading.timezone, settings.task.given_horizon
        return judge_forecasts(
            bars,
            read_forecasts(forecasts, bars, timezone=zone, horizon=horizon),
            settings=settings,
            out=out,
            neutral=neutral,
            overwrite=overwrite,
            reporter=reporter,
            loaded=loaded,
        )
    return judge_model(
        bars,
        judged,
        settings=settings,
        out=out,
        overwrite=overwrite,
        resume=resume,
        reporter=reporter,
        loaded=loaded,
        jobs=jobs,
    )


def bars_of(data: Any, settings: TrainSettings, vix: Path | None) -> tuple[Bars, Loaded | None]:
    """The bars of a file, a frame or as they are, and what reading them reported.

    Raises:
        ConfigError: a VIX is to be merged into bars that were read elsewhere.
        DataError: lists every fault of the bars.
    """
    if not isinstance(data, Bars):
        return pipeline.read_bars(data, settings=settings, vix=vix)
    if vix is not None:
        raise ConfigError("vix is merged into bars that are read here, but these are Bars. Merge it with merge_known.")
    return data, None
