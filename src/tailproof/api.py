"""The functions that ``import tailproof`` offers beside the records: each job in one call, with defaults."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tailproof import pipeline
from tailproof.bars import ReadOptions
from tailproof.core.errors import ConfigError
from tailproof.core.events import Reporter
from tailproof.core.other_names import OTHER_ARGUMENTS, OTHER_NAMES
from tailproof.core.records import Bars
from tailproof.engines.distributed import open_ray
from tailproof.referee import judge as referee
from tailproof.referee.contest import Contest
from tailproof.runs.finished_run import Run, StoredRun, folder_of
from tailproof.settings.sections import SECTION_OF
from tailproof.settings.series_settings import file_or_frame, parted_series
from tailproof.settings.train_settings import TrainSettings
from tailproof.storage import refuse_taken, verify


def train(
    data: Any,
    *,
    settings: TrainSettings | None = None,
    out: Path | str | None = None,
    vix: Any = None,
    with_: Mapping[str, Any] | None = None,
    target: Any = None,
    splitter: Any = None,
    features: Any = None,
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
        vix: VIX closes to merge, daily or intraday: a file (str or Path) or a frame.
        with_: other series by name, each a file, a frame, or options (``{"file": ..., "lag": "45d"}``).
        target: what is forecast, where it is not a name of the options (``rank``, ``rank-gauss``, ``raw``): a function
            of the bars' frame that returns (values, label ends), such values, or a frame with the columns ``target``
            and ``label_end``, one row per bar. Values without label ends are refused: nothing could be purged.
        splitter: splits in place of the options': a splitter of scikit-learn, or pairs of training and test rows of
            those that are kept. They are purged by label time as ours are.
        features: names, ``Feature`` records, and functions of the bars' frame that return a polars expression.
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
    _refuse_misspelt(options, train)
    chosen, own, frames = _chosen(settings, options, with_, target, features)
    how: dict[str, Any] = {
        "settings": chosen,
        "out": _folder(out, data, kind="", resume=resume),
        "overwrite": overwrite,
        "resume": resume,
        "reporter": reporter,
    }
    if isinstance(data, Bars) or own["target"] is not None or own["features"] or splitter is not None:
        refuse_taken(how["out"], overwrite=overwrite, resume=resume)
        brought = referee.brought(data, chosen, file_or_frame(vix), frames, splitter=splitter, **own)
        how["settings"] = brought.settings
        return pipeline.train_on_bars(
            brought.bars, loaded=brought.loaded, merged=brought.merged, own=brought.own, **how
        )
    return pipeline.train(data, vix=file_or_frame(vix), frames=frames, **how)


def judge(
    data: Any,
    *,
    model: Any = None,
    forecasts: Any = None,
    neutral: float = 0.0,
    jobs: int = 1,
    ray: str | None = None,
    settings: TrainSettings | None = None,
    out: Path | str | None = None,
    vix: Any = None,
    with_: Mapping[str, Any] | None = None,
    target: Any = None,
    splitter: Any = None,
    features: Any = None,
    overwrite: bool = False,
    resume: bool = False,
    reporter: Reporter = pipeline.PRINT,
    **options: Any,
) -> Run | StoredRun | Contest:
    """Judge a model of your own as networks are judged, or forecasts that were made elsewhere: ``tailproof judge``.

    A model is fitted anew for every fold and placebo. Forecasts are judged as they stand.

    Args:
        data: bars, as for ``train``.
        model: an estimator with fit(X, y) and predict(X), or a torch module, which is cloned for each fit; a function
            that makes one; or "FILE.py:NAME" of either. A list of several is judged beside the built-in network, with
            one page on all of them.
        forecasts: in place of a model: a file or a frame with the columns ``known_at`` (or ``time``, the start of the
            bar that had just ended), ``prediction``, and ``horizon`` unless ``horizon=`` says it.
        neutral: the prediction of ``forecasts`` that says neither up nor down, such as 0.5 of a probability to rise.
        jobs: processes that share the fits of a fold; their number changes no result.
        ray: in place of ``jobs``, the address of a Ray cluster that shares them, ``auto`` for the one of this machine,
            or ``local`` for a new one.
        settings: how it is judged; the defaults where it is None.
        out: the run folder to make; by default runs/judge-NAME-TIME.
        vix, with_, target, splitter, features, overwrite, reporter: as for ``train``.
        resume: continue after the last fold that a stopped run stored.
        options: options of ``tailproof judge`` by name, such as ``folds=3``; they win over ``settings``.

    Raises:
        InputError: as for ``train``; a ConfigError also where the model cannot be fitted or does not give one finite
            number per row.
        WorkerError: a process that shared the fits has failed, or is gone.
    """
    _refuse_misspelt(options, judge)
    chosen, own, frames = _chosen(settings, options, with_, target, features)
    folder = _folder(out, data, kind="judge-", resume=resume)
    with open_ray(ray, threads=chosen.running.threads) as workers:
        return referee.judge(
            data,
            model=model,
            forecasts=forecasts,
            neutral=neutral,
            settings=chosen,
            splitter=splitter,
            **own,
            out=folder,
            vix=file_or_frame(vix),
            jobs=jobs,
            workers=workers,
            frames=frames,
            overwrite=overwrite,
            resume=resume,
            reporter=reporter,
        )


def merge(data: Any, *, with_: Mapping[str, Any], vix: Any = None, options: ReadOptions | None = None) -> Bars:
    """Bars with other series joined to them, each value from when it was known: as ``train`` joins them.

    Args:
        data: bars, as for ``train``.
        with_, vix: as for ``train``.
        options: how the bars are read; the defaults where it is None.

    Raises:
        ConfigError: an option is unknown, out of range, or cannot be meant.
        DataError: lists every fault of the bars or of a series.
    """
    chosen, _, frames = _chosen(TrainSettings(reading=options or ReadOptions()), {}, with_, None, None)
    return referee.bars_of(data, chosen, file_or_frame(vix), frames)[0]


def open_run(folder: Path | str | Run | StoredRun) -> StoredRun:
    """A finished run, from its folder.

    Raises:
        ConfigError: ``folder`` is none, and no run.
        RunFolderError: the folder is no finished run, or a file has changed since it ended.
    """
    path = folder_of(folder)
    verify(path)
    return StoredRun(folder=path)


def _refuse_misspelt(options: Mapping[str, Any], call: Callable[..., Any]) -> None:
    """Raise ConfigError for an option that is no setting and nearly the name of an argument of the call."""
    arguments = list(inspect.signature(call).parameters)
    for name in options:
        other = [each for each in (OTHER_NAMES.get(name), OTHER_ARGUMENTS.get(name)) if each in arguments]
        close = other or difflib.get_close_matches(name, arguments, n=1, cutoff=0.8)
        if close and not difflib.get_close_matches(name, SECTION_OF, n=1):
            raise ConfigError(f"'{name}' is not an argument of {call.__name__}. Did you mean '{close[0]}'?")


def _chosen(
    settings: TrainSettings | None,
    options: dict[str, Any],
    with_: Mapping[str, Any] | None,
    target: Any,
    features: Any,
) -> tuple[TrainSettings, dict[str, Any], dict[str, Any]]:
    """The settings with the series in them; target and features that no settings can hold; series that are frames."""
    if not isinstance(settings, TrainSettings | None):
        raise ConfigError(
            f"settings must be TrainSettings, got {type(settings).__name__}. Give TrainSettings(epochs=5), or each "
            "option by its name: epochs=5."
        )
    series, frames = parted_series(with_)
    changes = {**options, "with": series} if series else dict(options)
    own: dict[str, Any] = {"target": None, "features": ()}
    if isinstance(target, str):
        changes["target"] = target
    else:
        own["target"] = target
    if features is not None:
        listed = [features] if isinstance(features, str) or not isinstance(features, Iterable) else list(features)
        own["features"] = tuple(each for each in listed if not isinstance(each, str))
        changes["features"] = tuple(
            each if isinstance(each, str) else str(getattr(each, "name", getattr(each, "__name__", each)))
            for each in listed
        )
    return TrainSettings(**changes) if settings is None else settings.replace(**changes), own, frames


def _folder(out: Path | str | None, data: Any, *, kind: str, resume: bool) -> Path:
    if out is not None:
        return Path(out)
    if resume:
        raise ConfigError("resume continues the run in a folder, but no folder was given. Name it with out=.")
    name = Path(data).stem if isinstance(data, str | Path) else "bars"
    return Path("runs") / f"{kind}{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
