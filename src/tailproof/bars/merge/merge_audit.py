"""Whether a column that is already in the bars knew a day's close before it was published."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tailproof.bars.merge.known_series import KnownSeries
from tailproof.bars.read.utc_times import NEW_YORK
from tailproof.core.errors import DataError
from tailproof.core.records import Bars
from tailproof.core.surface import setting

MIN_COMPARABLE = 5
LEAKING_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class MergeAudit:
    """How the bars' values compare with what was known, where the two can be told apart."""

    column: str
    comparable: int
    """Bars at which the last known value differs from the one published next."""
    known: int
    """How many of those bars hold the last known value."""
    early: int
    """How many of those bars hold the value published next: a leak."""

    @property
    def leaks(self) -> bool:
        """Whether most comparable bars hold a value from the future."""
        return self.comparable >= MIN_COMPARABLE and self.early > LEAKING_SHARE * self.comparable

    def sentence(self) -> str:
        """The comparison as text for the log."""
        verdict = "LEAK: it holds values before they were published" if self.leaks else "no value from the future seen"
        return (
            f"'{self.column}': of {self.comparable:,} bars that can tell, {self.known:,} hold the value known then and "
            f"{self.early:,} the one published next ({verdict})."
        )


def audit_merge(bars: Bars, series: KnownSeries, *, column: str | None = None) -> MergeAudit:
    """Compare a column that came with the bars with the series it was taken from.

    A same-day join is the usual mistake: every minute of a day then knows the day's close.
    """
    column = column or series.name
    known = series.frame.sort("known_at").select("known_at", pl.col(series.name).alias("__known"))
    following = known.select("known_at", pl.col("__known").alias("__next"))
    joined = bars.frame.select("known_at", column).join_asof(known, on="known_at", strategy="backward")
    joined = joined.join_asof(following, on="known_at", strategy="forward", allow_exact_matches=False)
    comparable = joined.filter(
        pl.col("__known").is_not_null() & pl.col("__next").is_not_null() & (pl.col("__known") != pl.col("__next"))
    )
    counts = comparable.select(known=_equal(column, "__known").sum(), early=_equal(column, "__next").sum())
    held = counts.row(0, named=True)
    return MergeAudit(column=column, comparable=comparable.height, known=int(held["known"]), early=int(held["early"]))


def _equal(column: str, other: str) -> pl.Expr:
    """Equal up to the rounding of a file."""
    apart = (pl.col(column) - pl.col(other)).abs()
    return (apart <= 1e-6 * pl.col(other).abs()).fill_null(value=False)


def refuse_leak(audit: MergeAudit) -> None:
    """Stop where a column knows the future.

    Raises:
        DataError: most bars that can tell hold a value before it was published.
    """
    if audit.leaks:
        raise DataError(
            f"{audit.sentence()} A day's close is published after 16:15 New York ({NEW_YORK}). Remove the column and "
            f"give the series itself with {setting('vix')}, which joins it when it is known."
        )
