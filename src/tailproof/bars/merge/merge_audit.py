"""Whether a column that is already in the bars knew a value before it was published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from tailproof.arrays.times import last_known
from tailproof.bars.merge.known_series import KnownSeries
from tailproof.core.errors import DataError
from tailproof.core.records import PRICES, Bars
from tailproof.core.surface import setting
from tailproof.settings.durations import describe_duration

MIN_EARLY = 3
LEAKING_SHARE = 0.5
FOLLOWS = 0.8
"""Share of a column's changes that must be values of a series before the column is taken to come from it."""
MAX_APART = 100
"""Publications that a value in the bars may be away from the one in force."""
MAX_CHANGES = 20_000
"""Changes that are looked at, spread over the bars, where none of them is in force."""
SAME = 1e-6
"""Relative difference between a value and itself after it was written to a file."""
OF_BARS = frozenset(("time", "known_at", "session", "segment", "regular_hours", "volume", *PRICES))


@dataclass(frozen=True, kw_only=True)
class MergeAudit:
    """How the changes of a column compare with the publications of the series that it was taken from."""

    column: str
    changes: int
    """Bars at which the column takes another value."""
    known: int
    """How many of these values had been published last."""
    early: int
    """How many are published later: the bar knew them before."""
    first_bar: datetime | None
    """When the first of the early bars was complete (UTC)."""
    first_published: datetime | None
    """When its value was published."""

    @property
    def leaks(self) -> bool:
        """Whether most changes are values from the future."""
        return self.early >= MIN_EARLY and self.early > LEAKING_SHARE * self.changes

    def sentence(self) -> str:
        """The comparison as text for the log."""
        if not self.early:
            verdict = "no value from the future seen"
        else:
            assert self.first_bar is not None
            assert self.first_published is not None
            lead = describe_duration(self.first_published - self.first_bar)
            verdict = "LEAK: " if self.leaks else ""
            verdict += (
                f"values before they were published, the first at {self.first_bar:%Y-%m-%d %H:%M} UTC, {lead} before "
                f"{self.first_published:%Y-%m-%d %H:%M}"
            )
        return (
            f"'{self.column}': of {self.changes:,} changes, {self.known:,} are to the value known then and "
            f"{self.early:,} to one published later ({verdict})."
        )


def audit_merge(bars: Bars, series: KnownSeries, *, column: str | None = None, value: str | None = None) -> MergeAudit:
    """Compare a column that came with the bars with the series it was taken from.

    A same-day join is the usual mistake: every minute of a day then knows the day's close. A value that is not the one
    in force counts as early where the nearest publication of it, by number, lies ahead; in a column that otherwise
    holds what is in force, where any of the next MAX_APART has it.

    Args:
        bars: with the column.
        series: what was published, and when.
        column: of the bars; by default that of the series' name.
        value: column of the series; by default its first.
    """
    column, value = column or series.name, value or series.name
    known = series.frame.sort("known_at", maintain_order=True)
    value_K, held_N = _numbers(known[value]), _numbers(bars.frame[column])
    changed_N = ~np.isnan(held_N) & ~_same(held_N, np.r_[np.nan, held_N[:-1]])
    row_R = np.flatnonzero(changed_N)
    force_N = last_known(*(frame["known_at"].cast(pl.Int64) for frame in (known, bars.frame)))
    force_R = force_N.fill_null(-1).to_numpy()[row_R]
    is_known_R = (force_R >= 0) & _same(held_N[row_R], np.append(value_K, np.nan)[force_R])
    other_R = np.flatnonzero(~is_known_R)
    looked_R = other_R[:: max(1, len(other_R) // MAX_CHANGES)]
    punctual = bool(len(row_R)) and is_known_R.mean() >= FOLLOWS
    ahead = [
        (at, _published_next(value_K, held_N[row_R[at]], int(force_R[at]), punctual=punctual))
        for at in looked_R.tolist()
    ]
    early = [(at, number) for at, number in ahead if number is not None]
    first = early[0] if early else None
    return MergeAudit(
        column=column,
        changes=len(row_R),
        known=int(is_known_R.sum()),
        early=round(len(early) * len(other_R) / max(len(looked_R), 1)),
        first_bar=None if first is None else bars.frame["known_at"].dt.cast_time_unit("us")[int(row_R[first[0]])],
        first_published=None if first is None else known["known_at"].dt.cast_time_unit("us")[first[1]],
    )


def early_columns(bars: Bars, series: KnownSeries) -> list[MergeAudit]:
    """The audit of every column that came with the bars and holds values of the series, under whatever name."""
    audits = []
    for name, kind in bars.frame.schema.items():
        if name in OF_BARS or not kind.is_numeric():
            continue
        for value in series.columns:
            if name == value or _shares_values(bars.frame[name], series.frame[value]):
                audit = audit_merge(bars, series, column=name, value=value)
                if name == value or audit.known + audit.early >= FOLLOWS * audit.changes:
                    audits.append(audit)
    return audits


def refuse_leak(audit: MergeAudit) -> None:
    """Stop where a column knows the future.

    Raises:
        DataError: most changes of the column are to values that were published later.
    """
    if audit.leaks:
        raise DataError(
            f"{audit.sentence()} Remove the column and give the series itself with {setting('with', 'NAME=FILE')} "
            f"({setting('vix')} of the VIX), which joins each value when it is known."
        )


def _published_next(value_K: np.ndarray, held: float, force: int, *, punctual: bool) -> int | None:
    """The next publication of a value; None where there is none, or where it was published at least as lately before
    and the column is not ``punctual``, so that it may be late."""
    after_A = np.flatnonzero(_same(value_K[force + 1 : force + 1 + MAX_APART], held))
    if not len(after_A):
        return None
    start = max(force - MAX_APART, 0)
    before_A = np.flatnonzero(_same(value_K[start : max(force, 0)], held))
    if not punctual and len(before_A) and force - (start + int(before_A[-1])) <= int(after_A[0]) + 1:
        return None
    return force + 1 + int(after_A[0])


def _shares_values(column: pl.Series, values: pl.Series) -> bool:
    """Whether nearly all values of a column, up to the rounding of a file, are values of a series."""
    held, published = (each.cast(pl.Float32).drop_nulls().unique() for each in (column, values))
    return len(held) >= 2 and int(held.is_in(published.implode()).sum()) >= FOLLOWS * len(held)


def _numbers(column: pl.Series) -> np.ndarray:
    return column.cast(pl.Float64).fill_null(np.nan).to_numpy()


def _same(first: np.ndarray | float, second: np.ndarray | float) -> np.ndarray:
    """Equal up to the rounding of a file; NaN equals nothing."""
    equal: np.ndarray = np.abs(first - second) <= SAME * np.abs(second)
    return equal
