"""Merged values respect known-at: a value published after a bar was complete cannot be in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import polars as pl

from tailproof.audit.finding import Finding
from tailproof.audit.noise import MARKS
from tailproof.core.records import Bars
from tailproof.features import Feature, compute


class Series(Protocol):
    """One value after another with the time from which each may be used: columns ``known_at`` and ``name``."""

    @property
    def name(self) -> str:
        """The first value column."""
        ...

    @property
    def frame(self) -> pl.DataFrame:
        """``known_at`` (UTC, rising) and the values."""
        ...


Merge = Callable[[Bars, pl.DataFrame], Bars]
"""Maps bars and a series' frame to bars with the series' columns."""


def merge_findings(
    bars: Bars,
    series: Series,
    merge: Merge,
    *,
    count: int,
    random: np.random.Generator,
    features: Sequence[Feature] = (),
) -> tuple[list[Finding], int]:
    """Merged columns, and features of the series' own rows, that change when values published later are replaced.

    ``count`` random moments are tried: every value with a later known_at is replaced, and no bar that was complete by
    then may change. Only the maker of the series can tell whether its own known_at is right.
    """
    replaced = [name for name, kind in series.frame.schema.items() if kind.is_float()]
    merged, names = _merged(bars, series, merge(bars, series.frame), features)
    known_at = bars.frame["known_at"]
    findings: dict[str, Finding] = {}
    tried_R = random.integers(0, len(bars), size=count)
    for row in (int(row) for row in tried_R):
        later = pl.col("known_at") > known_at[row]
        changed = series.frame.with_columns(
            pl.when(later).then(_noise(series.frame[name], random)).otherwise(name).alias(name) for name in replaced
        )
        other, _ = _merged(bars, series, merge(bars, changed), features)
        for name in names:
            differ = (merged[name].ne_missing(other[name]) & (known_at <= known_at[row])).fill_null(value=False)
            if differ.any() and name not in findings:
                findings[name] = _finding(bars, series, name, merged[name], other[name], int(differ.arg_max() or 0))
    return list(findings.values()), len(tried_R)


def _merged(bars: Bars, series: Series, merged: Bars, features: Sequence[Feature]) -> tuple[pl.DataFrame, list[str]]:
    """What a merge gave: the columns that it added or made anew, and the features of the series."""
    names = [name for name in merged.frame.columns if name not in bars.frame.columns or name in series.frame.columns]
    names = [name for name in names if name not in MARKS]
    frame = merged.frame.select(names)
    if features:
        frame = frame.hstack(compute(merged, features))
    return frame, [*names, *(feature.name for feature in features)]


def _noise(values: pl.Series, random: np.random.Generator) -> pl.Series:
    """The frame with every number changed in size; an empty cell becomes a number too."""
    filled_N = values.cast(pl.Float64).fill_null(1.0).to_numpy()
    return pl.Series((filled_N + (filled_N == 0.0)) * np.exp(random.standard_normal(len(values))))


def _finding(bars: Bars, series: Series, name: str, merged: pl.Series, other: pl.Series, row: int) -> Finding:
    known_at = bars.frame["known_at"][row]
    later = series.frame.filter(pl.col("known_at") > known_at)
    published = later.filter(pl.col(name) == merged[row]) if name in later.columns else later.head(0)
    when = f" (it was published at {published['known_at'][0]})" if published.height else ""
    return Finding(
        rule="value before it was known",
        what=f"'{name}'" if ":" in name else f"merged column '{name}'",
        row=row,
        time=bars.frame["time"][row],
        values=(merged[row], other[row]),
        detail=f"with all values published later replaced{when}",
    )
