"""Merged values respect known-at: a value published after a bar was complete cannot be in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import polars as pl

from tailproof.audit.finding import Finding
from tailproof.core.records import Bars


class Series(Protocol):
    """One value after another with the time from which each may be used: columns ``known_at`` and ``name``."""

    @property
    def name(self) -> str:
        """The value column."""
        ...

    @property
    def frame(self) -> pl.DataFrame:
        """``known_at`` (UTC, rising) and the values."""
        ...


Merge = Callable[[Bars, pl.DataFrame], Bars]
"""From bars and a series' frame to bars with the series' columns."""


def merge_findings(
    bars: Bars, series: Series, merge: Merge, *, count: int, random: np.random.Generator
) -> tuple[list[Finding], int]:
    """Bars whose merged value changes when values that were published later are replaced by others.

    ``count`` random moments are tried: every value with a later known_at is replaced, and no bar that was complete by
    then may change. Whether the series' own known_at is right is for who made it to say.
    """
    merged = merge(bars, series.frame).frame[series.name]
    known_at = bars.frame["known_at"]
    tried_R = random.integers(0, len(bars), size=count)
    for row in (int(row) for row in tried_R):
        now_ns = known_at.cast(pl.Int64)[row]  # a datetime of Python has no nanoseconds
        later = pl.col("known_at").cast(pl.Int64) > now_ns
        noise = pl.Series(series.frame[series.name].to_numpy() * np.exp(random.standard_normal(series.frame.height)))
        changed = series.frame.with_columns(pl.when(later).then(noise).otherwise(series.name).alias(series.name))
        other = merge(bars, changed).frame[series.name]
        differ = (merged.ne_missing(other) & (known_at.cast(pl.Int64) <= now_ns)).fill_null(value=False)
        if differ.any():
            return [_finding(bars, series, merged, other, int(differ.arg_max() or 0))], len(tried_R)
    return [], len(tried_R)


def _finding(bars: Bars, series: Series, merged: pl.Series, other: pl.Series, row: int) -> Finding:
    known_at = bars.frame["known_at"][row]
    published = series.frame.filter((pl.col("known_at") > known_at) & (pl.col(series.name) == merged[row]))
    when = f" (it was published at {published['known_at'][0]})" if published.height else ""
    return Finding(
        rule="value before it was known",
        what=f"merged column '{series.name}'",
        row=row,
        time=bars.frame["time"][row],
        values=(merged[row], other[row]),
        detail=f"with all values published later replaced{when}",
    )
