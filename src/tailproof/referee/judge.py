"""One call for whatever is judged: bars from a file or a frame, and a model or forecasts from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tailproof import pipeline
from tailproof.bars import Merged, join_series, series_sources
from tailproof.bars.loaded import Loaded
from tailproof.bars.merge.series_sources import NO_FRAMES
from tailproof.core.errors import ConfigError
from tailproof.core.events import Reporter
from tailproof.core.records import Bars
from tailproof.core.surface import key, setting, switch
from tailproof.engines.distributed import FitPool, Processes, Workers
from tailproof.referee.contest import Contest, judge_models
from tailproof.referee.given_forecasts import read_forecasts
from tailproof.referee.judge_forecasts import judge_forecasts
from tailproof.referee.judge_model import judge_model
from tailproof.referee.outside_model import OutsideModel, load_model, outside_model
from tailproof.runs.finished_run import Run, StoredRun
from tailproof.runs.own_inputs import OwnInputs, own_inputs
from tailproof.settings.train_settings import TrainSettings
from tailproof.storage import refuse_taken
from tailproof.tasks import label_span


def judge(
    data: Any,
    *,
    model: Any,
    forecasts: Any,
    neutral: float,
    settings: TrainSettings,
    out: Path,
    vix: Path | Any | None,
    jobs: int,
    workers: Workers | None = None,
    frames: Mapping[str, Any] = NO_FRAMES,
    target: Any = None,
    splitter: Any = None,
    features: Sequence[Any] = (),
    overwrite: bool,
    resume: bool,
    reporter: Reporter,
) -> Run | StoredRun | Contest:
    """Judge a model, several, or forecasts; see ``tailproof.judge`` for the arguments.

    Raises:
        ConfigError: there is not exactly one thing to judge, or it cannot be used.
        InputError: the bars, the settings or the folder cannot be used.
    """
    pool = _pool(jobs, workers)
    _refuse_contradiction(model, forecasts, resume=resume, shared=pool is not None)
    if not (isinstance(model, list | tuple) and len(model) > 1):
        refuse_taken(out, overwrite=overwrite, resume=resume)
    judged = _models(model)
    read = brought(data, settings, vix, frames, target=target, splitter=splitter, features=features)
    bars, settings = read.bars, read.settings
    how: dict[str, Any] = {"settings": settings, "out": out, "overwrite": overwrite, "reporter": reporter}
    how["loaded"] = read.loaded
    if not judged:
        elsewhere = read_forecasts(forecasts, bars, reading=settings.reading, horizon=settings.task.given_horizon)
        return judge_forecasts(bars, elsewhere, neutral=neutral, **how)
    how |= {"resume": resume, "merged": read.merged, "own": read.own, "pool": pool}
    if isinstance(model, list | tuple) and len(judged) > 1:
        return judge_models(bars, judged, workers=workers, **how)
    return judge_model(bars, judged[0], **how)


def _pool(jobs: int, workers: Workers | None) -> FitPool | None:
    """The processes that share the fits; None where this one makes them all."""
    if jobs < 1:
        raise ConfigError(f"{key('jobs')} must be 1 or more processes, got {jobs}.")
    if workers is None:
        return Processes(jobs) if jobs > 1 else None
    if jobs > 1:
        raise ConfigError(f"{setting('jobs')}, {setting('ray')} and torchrun all share out the fits. Use one of them.")
    return workers


def _refuse_contradiction(model: Any, forecasts: Any, *, resume: bool, shared: bool) -> None:
    """Raise ConfigError unless there is one kind of thing to judge, in a way that can be meant."""
    if (model is None) == (forecasts is None):
        raise ConfigError(
            f"judge needs {setting('model')}, to be fitted and judged, or {setting('forecasts')}, to be judged as they "
            f"stand; got {'neither' if model is None else 'both'}."
        )
    if shared and forecasts is not None:
        raise ConfigError(
            f"forecasts are judged as they stand, so there are no fits to share. Leave out {setting('jobs')}, "
            f"{setting('ray')} and torchrun."
        )
    if resume and forecasts is not None:
        raise ConfigError(
            f"forecasts are judged in one go, so there is nothing to resume. Give {switch('overwrite')} instead."
        )


def _models(model: Any) -> list[OutsideModel]:
    """The models of one or a list of them."""
    if model is None:
        return []
    if isinstance(model, Mapping | Set):
        raise ConfigError(
            f"model must be a model or a list of models, got a {type(model).__name__}. Give its models as a list: each "
            "run is named by its model's class or function."
        )
    each = list(model) if isinstance(model, list | tuple) else [model]
    if not each:
        raise ConfigError("model must be a model or a list of models, got an empty list.")
    return [load_model(one) if isinstance(one, str) else outside_model(one) for one in each]


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What a call brings: bars, the other series joined to them, and whatever is the caller's own."""

    bars: Bars
    loaded: Loaded | None
    """What reading the bars from a file reported."""
    merged: Sequence[Merged]
    own: OwnInputs
    settings: TrainSettings
    """With the longest span of the caller's own labels as the horizon, where nobody gave one."""


def brought(
    data: Any,
    settings: TrainSettings,
    vix: Path | Any | None,
    frames: Mapping[str, Any],
    *,
    target: Any,
    splitter: Any,
    features: Sequence[Any],
) -> Brought:
    """The bars of a call with everything beside them; see ``tailproof.train`` for the arguments."""
    bars, loaded, merged = bars_of(data, settings, vix, frames)
    own = own_inputs(bars, target=target, splitter=splitter, features=features)
    if own.label is not None and settings.task.given_horizon is None:
        settings = settings.replace(horizon=label_span(bars, own.label))
    return Brought(bars=bars, loaded=loaded, merged=merged, own=own, settings=settings)


def bars_of(
    data: Any, settings: TrainSettings, vix: Path | Any | None, frames: Mapping[str, Any] = NO_FRAMES
) -> tuple[Bars, Loaded | None, Sequence[Merged]]:
    """The bars of a file, a frame or as they are, what reading them reported, and how series were joined to them.

    Raises:
        DataError: lists every fault of the bars, or of a series.
    """
    if not isinstance(data, Bars):
        bars, loaded = pipeline.read_bars(data, settings=settings, vix=vix, frames=frames)
        return bars, loaded, loaded.merged
    sources = series_sources(settings.series, settings.vix, settings.reading, vix=vix, frames=frames)
    bars, merged = join_series(data, sources)
    return bars, None, merged
