"""Building blocks of the families: prices, one-bar returns, recursive averages seeded as TA-Lib seeds them."""

from __future__ import annotations

import math

import polars as pl

OPEN, HIGH, LOW, CLOSE, VOLUME = (pl.col(name) for name in ("open", "high", "low", "close", "volume"))
TYPICAL_PRICE = (HIGH + LOW + CLOSE) / 3.0
RETURN, LOG_RETURN = pl.col("one_bar_return"), pl.col("one_bar_log_return")
"""Return and log return from the close before in the segment: made once, since half the catalogue reads them."""
RETURN_COLUMNS = {
    "one_bar_return": (CLOSE / CLOSE.shift(1) - 1.0).over("segment"),
    "one_bar_log_return": (CLOSE / CLOSE.shift(1)).log().over("segment"),
}
ROW = pl.int_range(pl.len())
"""Rows of the segment above this one."""
QUIET = 1e-8
"""A standard deviation of returns below this (a ten-thousandth of a basis point) is rounding, and counts as zero."""
FORGOTTEN = 1e-6
"""What came before a recursive average's declared look-back has at most this weight."""

NUMBERS = ("open", "high", "low", "close", "volume")


def ratio(numerator: pl.Expr, denominator: pl.Expr, *, least: float, otherwise: float = 0.0) -> pl.Expr:
    """``numerator / denominator``, or ``otherwise`` where the denominator is below ``least``: always finite."""
    return (
        pl.when(denominator >= least)
        .then(numerator / denominator)
        .otherwise(pl.when(denominator.is_not_null() & numerator.is_not_null()).then(otherwise))
    )


def recursive(values: pl.Expr, *, weight: float, seed: int, first: int) -> pl.Expr:
    """``m[t] = m[t-1] + weight (values[t] - m[t-1])``, from the mean of the ``seed`` values up to row ``first``.

    Null before that row: TA-Lib's seeding of EMA (weight 2 / (n + 1)) and of Wilder's smoothing (weight 1 / n).

    >>> frame = pl.DataFrame({"x": [1.0, 3.0, 4.0, 4.0]})
    >>> frame.select(recursive(pl.col("x"), weight=0.5, seed=2, first=1)).to_series().to_list()
    [None, 2.0, 3.0, 3.5]
    """
    start = values.rolling_mean(seed)
    seeded = pl.when(first > ROW).then(None).when(first == ROW).then(start).otherwise(values)
    return seeded.ewm_mean(alpha=weight, adjust=False, ignore_nulls=True)


def exponential(values: pl.Expr, bars: int, *, first: int | None = None) -> pl.Expr:
    """Exponential average over ``bars`` (weight 2 / (bars + 1)), seeded as TA-Lib's EMA."""
    return recursive(values, weight=2.0 / (bars + 1), seed=bars, first=bars - 1 if first is None else first)


def wilder(values: pl.Expr, bars: int, *, first: int) -> pl.Expr:
    """Wilder's (1978) smoothing (weight 1 / bars), seeded with the mean of the first ``bars`` values."""
    return recursive(values, weight=1.0 / bars, seed=bars, first=first)


def memory(weight: float) -> int:
    """Bars after which a recursive average has forgotten all but a millionth of what came before.

    >>> memory(0.5)
    20
    """
    return math.ceil(math.log(FORGOTTEN) / math.log1p(-weight))
