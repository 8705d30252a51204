"""Values of another series joined to bars backward on the time they were known, never on the time they describe."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import polars as pl

from tailproof.arrays.times import to_nanoseconds
from tailproof.bars.merge.known_series import KnownSeries
from tailproof.core.records import Bars
from tailproof.settings.durations import describe_duration

STALE_AFTER = timedelta(days=10)
"""Longer than any closure of an exchange in a century of daily values; older values are not carried on."""
AGE = "age_hours"


@dataclass(frozen=True, kw_only=True)
class Merged:
    """A merge that can be repeated with other values, as the causality audit requires."""

    before: Bars
    series: KnownSeries
    stale_after: timedelta = STALE_AFTER

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the merge added."""
        return (*self.series.columns, f"{self.series.name}_{AGE}")

    def again(self, bars: Bars, frame: pl.DataFrame) -> Bars:
        """The same merge with other bars and other values of the series, its age beside it."""
        return merge_known(bars, replace(self.series, frame=frame), stale_after=self.stale_after, age=True)


def merge_known(bars: Bars, series: KnownSeries, *, stale_after: timedelta = STALE_AFTER, age: bool = False) -> Bars:
    """Add the columns of ``series``: at each bar the last value known when it is complete, null before the first.

    Backward as-of join on ``known_at``: a value with known_at <= the bar's known_at is seen, a later one never.

    Args:
        bars: what to add to.
        series: what to add.
        stale_after: a value known longer ago than this is null, and counted.
        age: also add ``NAME_age_hours``, how long the value had been known when the bar was complete.
    """
    right = series.frame.sort("known_at", maintain_order=True)
    bar_N, known_N = (frame["known_at"].cast(pl.Int64).to_numpy() for frame in (bars.frame, right))
    row_N = _last_known(known_N, bar_N)
    reached_N = row_N >= 0
    waited_N = bar_N - np.append(known_N, 0)[row_N]  # meaningless where no value was known yet
    stale_N = reached_N & (waited_N > to_nanoseconds(stale_after))
    seen = pl.Series(row_N).set(pl.Series(~reached_N | stale_N), None)
    added = [right[name].gather(seen) for name in series.columns]
    if age:
        hours = pl.Series(f"{series.name}_{AGE}", waited_N // 10**9 / 3600)
        added.append(hours.set(pl.Series(~reached_N), None))
    left = bars.frame.drop(*series.columns, f"{series.name}_{AGE}", strict=False)
    frame = left.hstack(added)
    counted = {"reached": int(reached_N.sum()), "stale": int(stale_N.sum())}
    return Bars(
        frame=frame,
        bar_length=bars.bar_length,
        source=bars.source,
        notes=(*bars.notes, *series.notes, *_notes(series, frame, counted, stale_after)),
    )


def _last_known(known_N: np.ndarray, bar_N: np.ndarray) -> np.ndarray:
    """The last row of rising ``known_N`` that is at or before each of rising ``bar_N``; -1 where there is none."""
    first_bar = np.searchsorted(bar_N, known_N)
    return np.repeat(np.arange(-1, len(known_N)), np.diff(first_bar, prepend=0, append=len(bar_N)))


def _notes(series: KnownSeries, frame: pl.DataFrame, counted: dict[str, int], stale_after: timedelta) -> list[str]:
    rows, matched = frame.height, int(frame[series.name].is_not_null().sum())
    notes = [f"{series.name} matched to {matched:,} of {rows:,} bars ({matched / rows:.1%})."]
    before = rows - counted["reached"]
    if before:
        notes.append(f"{before:,} bars lie before the first value of {series.name}: it is empty there.")
    if counted["stale"]:
        limit = describe_duration(stale_after)
        notes.append(f"{counted['stale']:,} bars have no value of {series.name} younger than {limit}: empty there.")
    return notes
