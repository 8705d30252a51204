"""Features that know the next return on few rows only: by chance, by the clock, by volume, at the edges of sessions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import polars as pl

from tailproof.bars.load import bars_from_frame
from tailproof.bars.simulate import simulate
from tailproof.core.records import Bars
from tailproof.features import Feature
from tailproof.features.own import feature_of, with_needs

CLOSE, VOLUME = pl.col("close"), pl.col("volume")
NEXT = (CLOSE.shift(-1) / CLOSE - 1.0).fill_null(0.0)
MINUTE = pl.col("time").dt.epoch("s") // 60
DAY, SESSION = 1440, 1380
ROW = pl.int_range(pl.len())
ONE_ROW_IN = (10, 50, 500, 5000)


def at_random(bars: Bars, one_in: int) -> pl.Expr:
    """Rows picked by a hash of their time."""
    return MINUTE.hash(seed=3) % one_in == 0


def at_a_time_of_day(bars: Bars, one_in: int) -> pl.Expr:
    """The minutes from 14:30 UTC on, every day or every few days."""
    start = 14 * 60 + 30
    some_days = (MINUTE // DAY) % max(one_in // DAY, 1) == 0
    return (MINUTE % DAY).is_between(start, start + max(DAY // one_in - 1, 0)) & some_days


def after_volume(bars: Bars, one_in: int) -> pl.Expr:
    """The largest volumes of all."""
    return _largest(bars, VOLUME, one_in)


def on_a_weekday(bars: Bars, one_in: int) -> pl.Expr:
    """Wednesdays, and on these some rows."""
    return (pl.col("time").dt.weekday() == 3) & (MINUTE.hash(seed=5) % max(one_in // 5, 1) == 0)


def at_the_start(bars: Bars, one_in: int) -> pl.Expr:
    """The first bars of a session, or of every few sessions."""
    return (max(SESSION // one_in, 1) > ROW) & (pl.col("session") % max(one_in // SESSION, 1) == 0)


def at_the_end(bars: Bars, one_in: int) -> pl.Expr:
    """The last bars of a session that have a next one, or of every few sessions."""
    left = pl.len() - ROW
    return (left <= max(SESSION // one_in, 1) + 1) & (pl.col("session") % max(one_in // SESSION, 1) == 0)


def before_large_moves(bars: Bars, one_in: int) -> pl.Expr:
    """Only where the next return is among the largest."""
    return _largest(bars, NEXT.abs(), one_in)


ROWS_THAT_LEAK: dict[str, Callable[[Bars, int], pl.Expr]] = {
    rows.__name__: rows
    for rows in (
        at_random,
        at_a_time_of_day,
        after_volume,
        on_a_weekday,
        at_the_start,
        at_the_end,
        before_large_moves,
    )
}
ELSEWHERE: dict[str, pl.Expr] = {
    "zero": pl.lit(0.0),
    "return": CLOSE / CLOSE.shift(1) - 1.0,
    "momentum": CLOSE / CLOSE.shift(20) - 1.0,
    "spread": (CLOSE / CLOSE.shift(1) - 1.0).rolling_std(60),
    "gap to a recursive average": CLOSE / CLOSE.ewm_mean(alpha=0.05, adjust=False) - 1.0,
    "gap to the session's vwap": CLOSE / ((CLOSE * VOLUME).cum_sum() / VOLUME.cum_sum()) - 1.0,
    "price level": CLOSE,
}
"""What the feature is on all other rows, from no look-back to that of the whole session."""


@dataclass(frozen=True, kw_only=True)
class SparseLeak:
    """The next return on one row in so many, and something harmless on all others."""

    rows: str
    one_in: int
    elsewhere: str

    def __str__(self) -> str:
        return f"{self.rows}, 1 in {self.one_in}, {self.elsewhere}"

    def feature(self, bars: Bars) -> Feature:
        """As a user would write it, in a function of the frame."""
        leaks, harmless = ROWS_THAT_LEAK[self.rows](bars, self.one_in), ELSEWHERE[self.elsewhere]
        seen = CLOSE.shift(-1).fill_null(0.0) if self.elsewhere == "price level" else NEXT

        def leak(frame: pl.DataFrame) -> pl.Expr:
            """The next return here and there."""
            return pl.when(leaks).then(seen).otherwise(harmless)

        return with_needs(feature_of(leak), bars)


ALL = tuple(
    SparseLeak(rows=rows, one_in=one_in, elsewhere=elsewhere)
    for rows, one_in, elsewhere in product(ROWS_THAT_LEAK, ONE_ROW_IN, ELSEWHERE)
)


@lru_cache(maxsize=1)
def minutes(rows: int) -> Bars:
    """Simulated minutes without any signal."""
    return bars_from_frame(simulate(rows=rows, ic=0.0, seed=11).with_row_index("line", offset=2), source="minutes")


def _largest(bars: Bars, column: pl.Expr, one_in: int) -> pl.Expr:
    """Where a column is above all but one in so many of its values."""
    return column > float(bars.frame.select(column.quantile(1.0 - 1.0 / one_in)).item())
