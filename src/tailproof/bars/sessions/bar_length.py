"""How long a bar is: the most common distance between neighbouring bars, counted chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import polars as pl

from tailproof.arrays.times import from_nanoseconds

COMMON_STEPS = 1000


def bar_length_of(time: pl.Series) -> timedelta:
    """The most common distance between neighbouring times; of equally common ones the shortest.

    >>> from datetime import datetime
    >>> bar_length_of(pl.Series([datetime(2024, 1, 1, 9, m) for m in (30, 31, 32, 35)]))
    datetime.timedelta(seconds=60)
    """
    counter = StepCounter()
    counter.see(time.dt.cast_time_unit("ns").cast(pl.Int64).to_numpy())
    return counter.bar_length


@dataclass
class StepCounter:
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
