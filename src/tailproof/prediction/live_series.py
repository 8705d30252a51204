"""Other series beside live bars: each takes its values as they are published, and bars see what is in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import polars as pl

from tailproof.bars import Continuation, merge_known
from tailproof.bars.load_with_series import known_bars
from tailproof.bars.merge.known_series import joined_again, published_series
from tailproof.core.errors import DataError
from tailproof.core.records import Bars, JoinedSeries
from tailproof.features import Feature, history_needed
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.series_settings import SeriesOptions

SPARE = 64
"""Rows of a series that are kept beyond those that features read: bars may come later than its updates."""
PERIODS = 13 + SPARE
"""Periods of published values that are kept, as many as a surprise reads and some to spare."""


@dataclass(frozen=True, kw_only=True)
class _Update:
    """One row to add to a series; see ``updated``."""

    value: Any
    known_at: datetime | None
    time: datetime | None


def updated(
    series: JoinedSeries,
    value: Any,
    known_at: datetime | None,
    *,
    time: datetime | None,
    options: SeriesOptions,
    reading: ReadOptions,
) -> JoinedSeries:
    """The series with one more row.

    Args:
        series: as it was.
        value: a finished bar by column names; a number, or numbers by column names.
        known_at: when it was published, with a time zone; of a bar None takes the rule of its series.
        time: the period of published values; None begins a new one.
        options: of the series.
        reading: how the bars were read.

    Raises:
        DataError: the value does not fit the series, or was published before the last one.
    """
    update = _Update(value=value, known_at=known_at, time=time)
    if "open" in series.rows.frame.columns:
        longer = _with_bar(series, update, options=options, reading=reading)
    else:
        longer = _with_values(series, update)
    last = series.rows.frame["known_at"][-1]
    if longer.rows.frame["known_at"][-1] < last:
        raise DataError(f"{series.name}: a value must not be known before the last one ({last}). Give them in order.")
    return longer


def with_series(bars: Bars, row: Mapping[str, Any]) -> Bars:
    """Bars whose newest row has the values in force of every series, but for columns that ``row`` holds."""
    newest = replace(bars, frame=bars.frame.tail(1))
    for series in bars.series.values():
        merged = merge_known(newest, joined_again(series), stale_after=series.stale_after, age=True)
        taken = [name for name in series.columns if name in bars.frame.columns and name not in row]
        newest = replace(newest, frame=newest.frame.with_columns(merged.frame[name] for name in taken))
    frame = pl.concat([bars.frame.head(-1), newest.frame.select(bars.frame.columns)], rechunk=True)
    return replace(bars, frame=frame)


def stale(bars: Bars, row: Mapping[str, Any]) -> tuple[str, ...]:
    """Series of which no value is in force at the newest bar, and whose columns it was not given."""
    known_at = bars.frame["known_at"].tail(1)
    return tuple(
        name
        for name, series in bars.series.items()
        if series.rows_at(known_at)[0] is None and not set(series.columns) & set(row)
    )


def needed_rows(series: JoinedSeries, features: Sequence[Feature]) -> JoinedSeries:
    """The newest rows of a series, as many as its features read."""
    own = [replace(feature, series=None) for feature in features if feature.series == series.name]
    rows = series.rows.frame.tail(history_needed(series.rows, own) + SPARE)
    published = series.published
    if published is not None and series.values:
        first = published["time"].unique().sort().tail(PERIODS)[0]
        published = published.filter(pl.col("time") >= first)
    return replace(series, rows=replace(series.rows, frame=rows), published=published)


def _with_bar(series: JoinedSeries, update: _Update, *, options: SeriesOptions, reading: ReadOptions) -> JoinedSeries:
    if not isinstance(update.value, Mapping):
        raise DataError(f"{series.name}: an update must be a finished bar by column names, got {update.value!r}.")
    own = options.reading(reading)
    rules = Continuation.of(series.rows, session_gap=own.session_gap, calendar=own.calendar)
    bar = {**update.value} if update.time is None else {**update.value, "time": update.time}
    rows = rules.extended(series.rows, bar)
    last = replace(rows, frame=rows.frame.tail(1))
    if update.known_at is None:
        last, _ = known_bars(last, options.published_after)
    else:
        last = replace(last, frame=last.frame.with_columns(known_at=_instant(series, update.known_at)))
    return replace(series, rows=replace(rows, frame=pl.concat([series.rows.frame, last.frame], rechunk=True)))


def _with_values(series: JoinedSeries, update: _Update) -> JoinedSeries:
    value, known_at = update.value, update.known_at
    columns = series.values or ("close",)
    numbers = dict(value) if isinstance(value, Mapping) else {columns[0]: value}
    if known_at is None or (len(columns) > 1 and not isinstance(value, Mapping)) or set(numbers) - set(columns):
        raise DataError(
            f"{series.name}: an update must give {', '.join(columns)} and when it was known (known_at, with a time "
            f"zone), got {value!r} and {known_at!r}."
        )
    cells = {name: pl.Series([numbers.get(name)], dtype=pl.Float64) for name in columns}
    instant = _instant(series, known_at)
    start = instant if update.time is None else _instant(series, update.time)
    row = pl.DataFrame({"time": start, "known_at": instant, **cells})
    if not series.values:
        before = series.rows.frame
        rows = pl.concat([before, row.with_columns(before.tail(1).select("session", "segment"))[before.columns]])
        return replace(series, rows=replace(series.rows, frame=rows))
    assert series.published is not None, "published values keep what they are made of"
    published = pl.concat([series.published, row.select(series.published.columns)], rechunk=True)
    again = published_series(published, series.values, label=series.name, length=series.rows.bar_length)
    assert again.rows is not None, "published values have rows of their own"
    return replace(series, rows=again.rows, published=published)


def _instant(series: JoinedSeries, moment: datetime) -> pl.Series:
    if moment.tzinfo is None:
        raise DataError(f"{series.name}: times must have a time zone, got {moment!r}.")
    return pl.Series([moment.astimezone(UTC)], dtype=series.rows.frame.schema["known_at"])
