"""Values of another series joined to bars backward on the time they were known, never on the time they describe."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import polars as pl

from tailproof.arrays.times import from_nanoseconds, last_known, to_nanoseconds
from tailproof.bars.merge.known_series import STALE_AFTER, KnownSeries
from tailproof.core.records import Bars, JoinedSeries
from tailproof.settings.durations import describe_duration

MIN_ROWS = 30
"""A merge is not tried again on fewer rows of a series."""


@dataclass(frozen=True, kw_only=True)
class Merged:
    """A merge that can be repeated with other values, as the causality audit requires."""

    before: Bars
    series: KnownSeries
    stale_after: timedelta | None = None

    @property
    def name(self) -> str:
        """The first column of the series."""
        return self.series.name

    @property
    def frame(self) -> pl.DataFrame:
        """Everything that was published, with the time from which each row was known."""
        own = self.series.published if self.series.rows is not None else None
        return self.series.frame if own is None else own

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the merge added."""
        return (*self.series.columns, self.series.age_column)

    def near(self, bars: Bars) -> Merged:
        """The merge of those rows of the series that are in force at some bars, or become known beside them."""
        limit = self.stale_after or self.series.stale_after or STALE_AFTER
        first, last = bars.frame["known_at"][0] - limit, bars.frame["known_at"][-1]
        rows = self.frame.filter(pl.col("known_at").is_between(first, last))
        return self if rows.height < MIN_ROWS else replace(self, series=self.series.again(rows))

    def again(self, bars: Bars, frame: pl.DataFrame) -> Bars:
        """The same merge with other bars and other values of the series, its age beside it."""
        return merge_known(bars, self.series.again(frame), stale_after=self.stale_after, age=True)


def merge_known(bars: Bars, series: KnownSeries, *, stale_after: timedelta | None = None, age: bool = False) -> Bars:
    """Add the columns of ``series``: at each bar the last value known when it is complete, null before the first.

    Backward as-of join on ``known_at``: a value with known_at <= the bar's known_at is seen, a later one never.

    Args:
        bars: what to add to.
        series: what to add.
        stale_after: a value known longer ago than this is null, and counted; None takes that of the series, else ten
            days.
        age: also add ``NAME_age_hours``, how long the value had been known when the bar was complete.
    """
    limit = stale_after or series.stale_after or STALE_AFTER
    right = _by_known_at(series.frame)
    bar_N, known_K = (frame["known_at"].cast(pl.Int64) for frame in (bars.frame, right))
    row_N = last_known(known_K, bar_N)
    waited_N = bar_N - known_K.gather(row_N)
    stale_N = (waited_N > to_nanoseconds(limit)).fill_null(value=False)
    seen_N = row_N.set(stale_N, None)
    added = [right[name].gather(seen_N) for name in series.columns]
    if age:
        added.append((waited_N // 10**9 / 3600).alias(series.age_column))
    left = bars.frame.drop(*series.columns, series.age_column, strict=False)
    frame = left.hstack(added)
    counts = {"reached": len(row_N) - row_N.null_count(), "stale": int(stale_N.sum())}
    ages_R = waited_N.set(stale_N, None).drop_nulls().to_numpy()
    notes = (*series.notes, *_notes(series, frame, counts, limit), *_ages(series, ages_R))
    joined = _joined(series, tuple(column.name for column in added), limit)
    return replace(bars, frame=frame, notes=(*bars.notes, *notes), series={**bars.series, **joined})


def _by_known_at(frame: pl.DataFrame) -> pl.DataFrame:
    return frame if frame["known_at"].is_sorted() else frame.sort("known_at", maintain_order=True)


def _joined(series: KnownSeries, columns: tuple[str, ...], stale_after: timedelta) -> dict[str, JoinedSeries]:
    if series.rows is None:
        return {}
    return {
        series.label: JoinedSeries(
            name=series.label,
            rows=series.rows,
            values=series.values,
            columns=columns,
            stale_after=stale_after,
            published=series.published,
            fingerprint=series.fingerprint,
        )
    }


def _ages(series: KnownSeries, waited_R: np.ndarray) -> list[str]:
    """How old the values are at the bars that have one."""
    if not len(waited_R):
        return []
    at = len(waited_R) // 2, int(0.99 * (len(waited_R) - 1))
    sorted_R = np.partition(waited_R, at)
    median, high, oldest = (
        describe_duration(from_nanoseconds(int(age))) for age in (sorted_R[at[0]], sorted_R[at[1]], waited_R.max())
    )
    return [f"{series.name} is {median} old at the median bar, at most {high} at 99 % of them, {oldest} at the oldest."]


def _notes(series: KnownSeries, frame: pl.DataFrame, counted: dict[str, int], stale_after: timedelta) -> list[str]:
    rows, matched = frame.height, int(frame[series.name].is_not_null().sum())
    notes = [f"{series.name} matched to {matched:,} of {rows:,} bars ({matched / rows:.1%})."]
    if not matched and series.frame.height:
        first, last = (f"{series.frame['known_at'][at]:%Y-%m-%d}" for at in (0, -1))
        notes.append(
            f"Warning: no bar has a value of {series.name}: its values are known from {first} to {last}, the bars from "
            f"{frame['known_at'][0]:%Y-%m-%d} to {frame['known_at'][-1]:%Y-%m-%d}. Is it the right file?"
        )
    before = rows - counted["reached"]
    if before:
        notes.append(f"{before:,} bars lie before the first value of {series.name}: it is empty there.")
    if counted["stale"]:
        limit = describe_duration(stale_after)
        notes.append(f"{counted['stale']:,} bars have no value of {series.name} younger than {limit}: empty there.")
    return notes
