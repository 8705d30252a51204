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
"""Maps bars and a series' frame to bars with the series' columns."""


def merge_findings(
    bars: Bars, series: Series, merge: Merge, *, count: int, random: np.random.Generator
) -> tuple[list[Finding], int]:
    """Columns whose merged value changes when values that were published later are replaced by others.

    ``count`` random moments are tried: every value with a later known_at is replaced, and no bar that was complete by
    then may change. Only the maker of the series can tell whether its own known_at is right.
    """
    columns = [name for name in series.frame.columns if name != "known_at"]
    merged = merge(bars, series.frame).frame
    known_at = bars.frame["known_at"]
    found: dict[str, Finding] = {}
    tried_R = random.integers(0, len(bars), size=count)
    for row in (int(row) for row in tried_R):
        later = pl.col("known_at") > known_at[row]
        changed = series.frame.with_columns(
            pl.when(later).then(_noise(series.frame[name], random)).otherwise(name).alias(name) for name in columns
        )
        other = merge(bars, changed).frame
        for name in columns:
            differ = (merged[name].ne_missing(other[name]) & (known_at <= known_at[row])).fill_null(value=False)
            if differ.any() and name not in found:
                found[name] = _finding(bars, series, name, merged[name], other[name], int(differ.arg_max() or 0))
    return list(found.values()), len(tried_R)


def _noise(values: pl.Series, random: np.random.Generator) -> pl.Series:
    """The frame with every number changed in size; an empty cell becomes a number too."""
    filled_N = values.cast(pl.Float64).fill_null(1.0).to_numpy()
    return pl.Series((filled_N + (filled_N == 0.0)) * np.exp(random.standard_normal(len(values))))


def _finding(bars: Bars, series: Series, name: str, merged: pl.Series, other: pl.Series, row: int) -> Finding:
    known_at = bars.frame["known_at"][row]
    published = series.frame.filter((pl.col("known_at") > known_at) & (pl.col(name) == merged[row]))
    when = f" (it was published at {published['known_at'][0]})" if published.height else ""
    return Finding(
        rule="value before it was known",
        what=f"merged column '{name}'",
        row=row,
        time=bars.frame["time"][row],
        values=(merged[row], other[row]),
        detail=f"with all values published later replaced{when}",
    )
