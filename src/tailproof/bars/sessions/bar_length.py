"""How long a bar is: the most common distance between neighbouring bars, counted chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import polars as pl

from tailproof.arrays.times import from_nanoseconds, to_nanoseconds

COMMON_STEPS = 1000
MAX_GAP_BARS = 5
MIN_NIGHT = timedelta(hours=5)
"""A longer pause is a night; that of a futures exchange lasts an hour, a lunch two."""
MIN_NIGHTS = 3
MIN_LENGTH = timedelta(minutes=15)
MAX_SESSION_BARS = 30
LONG_WEEKEND = timedelta(days=4, hours=12)
"""Longer than a weekend with a holiday beside it, from close to open."""


def is_night(step_N: np.ndarray) -> np.ndarray:
    """Whether the pause before a bar (nanoseconds since the bar before) is a night, also where sessions run on over it.

    >>> is_night(np.array([60, 3600, 17 * 3600]) * 10**9).tolist()
    [False, False, True]
    """
    night_N: np.ndarray = step_N > to_nanoseconds(MIN_NIGHT)
    return night_N


def bar_length_of(time: pl.Series) -> timedelta:
    """The most common distance between neighbouring times; of equally common ones the shortest.

    >>> from datetime import datetime
    >>> bar_length_of(pl.Series([datetime(2024, 1, 1, 9, m) for m in (30, 31, 32, 35)]))
    datetime.timedelta(seconds=60)
    """
    counter = TimeStepCounter()
    counter.see(time.dt.cast_time_unit("ns").cast(pl.Int64).to_numpy())
    return counter.bar_length


@dataclass
class TimeStepCounter:
    """Distances between neighbouring bars, in nanoseconds, and how often each occurred."""

    counts: dict[int, int] = field(default_factory=dict)
    last: int | None = None

    def see(self, time_N: np.ndarray) -> None:
        """Count the steps of times (int64 ns) that follow those seen before."""
        if not len(time_N):
            return
        steps = np.diff(time_N) if self.last is None else np.diff(time_N, prepend=self.last)
        self.last = int(time_N[-1])
        values, counts = _value_counts(steps)
        common = np.argsort(-counts, kind="stable")[:COMMON_STEPS]
        for step, count in zip(values[common].tolist(), counts[common].tolist(), strict=True):
            self.counts[step] = self.counts.get(step, 0) + count

    @property
    def usual_gap(self) -> timedelta | None:
        """The gap up to which bars of short sessions run on: over nights, weekends and holidays; None for others.

        Hourly bars of a stock are seven a day. Were each night a break, no window of twenty bars would ever be full.
        """
        if not self.counts:
            return None
        length = self.bar_length
        limit = to_nanoseconds(max(MAX_GAP_BARS * length, MIN_NIGHT))
        breaks = sum(count for step, count in self.counts.items() if step > limit)
        steps = sum(self.counts.values())
        short = length >= MIN_LENGTH and length < timedelta(days=1) and breaks >= MIN_NIGHTS
        return LONG_WEEKEND if short and steps < MAX_SESSION_BARS * breaks else None

    @property
    def bar_length(self) -> timedelta:
        """The most common step."""
        step = min(self.counts, key=lambda step: (-self.counts[step], step))
        return from_nanoseconds(step)


def _value_counts(steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct steps and their counts; the usual case, nearly all steps alike, needs no sort of them all."""
    if not len(steps):
        return steps, steps
    middle = steps[len(steps) // 2]
    other = steps[steps != middle]
    values, counts = np.unique(other, return_counts=True)
    return np.append(values, middle), np.append(counts, len(steps) - len(other))
