"""Forecasts one finished bar at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from tailproof.bars import Continuation
from tailproof.core.design import refuse_non_finite
from tailproof.core.errors import ConfigError
from tailproof.core.feature_values import FeatureValues
from tailproof.core.records import Bars
from tailproof.features import history_needed, latest
from tailproof.prediction.forecast import features_of, member_outputs, refuse_other_bars
from tailproof.prediction.live_series import needed_rows, stale, updated, with_series
from tailproof.prediction.trained import TrainedModel
from tailproof.settings.series_settings import SeriesOptions

ALWAYS = ("time", "known_at", "open", "high", "low", "close", "contract", "session", "segment")
"""Columns of bars that are kept whatever the features read: a change of contract ends a segment."""


@dataclass(frozen=True, kw_only=True)
class LiveForecast:
    """The forecast for the newest bar; the three numbers are None while a feature is not known."""

    known_at: datetime
    """When the bar was complete (UTC); the forecast can be acted on from then on."""
    prediction: float | None
    """Mean of the members, in units of the run's target."""
    spread: float | None
    """Standard deviation over the members."""
    predicted_return: float | None
    """The training return that has this target."""
    unknown: tuple[str, ...]
    """Features that are not known yet, as at the start of a segment."""
    stale: tuple[str, ...] = ()
    """Joined series that have no value in force, since none came for too long."""


class LiveForecaster:
    """Forecasts bars one by one as they end, from no more history than the model's features read.

    A forecast is that of ``forecast_bars`` on all bars: bit for bit, unless features are running sums or recursive
    averages, which differ by up to 1e-5 of their spread (``tailproof.features.incremental.BOUND``).

    Args:
        model: of a finished run.
        history: finished bars before the first to come, read as the run's were: ``read_new_bars``.

    ``history`` holds the newest bars, as many as the features read.

    Raises:
        ConfigError: a feature needs a column that the history lacks, or does not declare how far back it reads.
        DataError: bars of another length than those trained on.
    """

    def __repr__(self) -> str:
        """The run, and the newest bar that is known."""
        return (
            f"LiveForecaster({str(self._model.run)!r}, newest bar {self.history.frame['time'][-1]:%Y-%m-%d %H:%M} UTC)"
        )

    def __init__(self, model: TrainedModel, history: Bars) -> None:
        refuse_other_bars(model, history)
        self._model = model
        self._features = features_of(model, history)
        self._rules = Continuation.of(history, session_gap=model.reading.session_gap, calendar=model.reading.calendar)
        self._engine = model.engine(threads=1)
        read = {name for feature in self._features for name in feature.needs}
        needed = [name for name in history.frame.columns if name in read.union(ALWAYS)]
        series = {name: needed_rows(one, self._features) for name, one in history.series.items()}
        self._joined = [name for one in series.values() for name in one.columns if name in needed]
        self.history = self._needed(replace(history, frame=history.frame.select(needed), series=series))

    def add(self, bar: Mapping[str, Any]) -> LiveForecast:
        """Take a finished bar, and forecast the return from its close.

        ``bar`` holds ``time`` (a datetime with a time zone, at which the bar started), ``open``, ``high``, ``low``,
        ``close`` and whatever else the features read: of a merged series the last value known when the bar ended,
        unless ``update`` gives its values.

        Raises:
            DataError: the bar cannot follow those before it, or gives a feature that is not finite; it is not taken.
        """
        absent = {name: None for name in self._joined if name not in bar}
        bars = with_series(self._rules.extended(self.history, {**absent, **bar}), bar)
        old = stale(bars, bar)
        newest = replace(bars, frame=bars.frame.tail(1))
        values = FeatureValues.of(latest(bars, self._features))
        refuse_non_finite(newest, values)
        self.history = self._needed(bars)
        known_at = newest.frame["known_at"][0]
        unknown = tuple(np.array(self._model.names)[np.isnan(values.x_BF[0])].tolist())
        if unknown:
            return LiveForecast(
                known_at=known_at, prediction=None, spread=None, predicted_return=None, unknown=unknown, stale=old
            )
        output_M = member_outputs(self._model, values.x_BF, self._engine)[:, 0]
        mean = output_M.mean(dtype=np.float64)
        return LiveForecast(
            known_at=known_at,
            prediction=float(mean),
            spread=float(output_M.std(dtype=np.float64)),
            predicted_return=float(self._model.transform.inverse(mean)),
            unknown=(),
            stale=old,
        )

    def update(self, name: str, value: Any, known_at: datetime | None = None, *, time: datetime | None = None) -> None:
        """Take a value of a joined series; bars that are complete from ``known_at`` on see it.

        Args:
            name: of the series.
            value: a number, numbers by column names, or of another instrument a finished bar by column names.
            known_at: when it was published (with a time zone); of a bar None takes the end of the bar.
            time: the period of a published value, where it revises one that is known; None begins a new one.

        Raises:
            ConfigError: the run has no such series.
            DataError: the value does not fit the series, or was published before the last one.
        """
        series = self.history.series.get(name)
        if series is None:
            raise ConfigError(f"series must be one of {', '.join(self.history.series) or 'none'}, got '{name}'.")
        options = self._model.series.with_.get(name, SeriesOptions())
        longer = updated(series, value, known_at, time=time, options=options, reading=self._model.reading)
        self.history = replace(self.history, series={**self.history.series, name: needed_rows(longer, self._features)})

    def _needed(self, bars: Bars) -> Bars:
        """The newest bars, as many as features read."""
        return replace(bars, frame=bars.frame.tail(history_needed(bars, self._features)))
