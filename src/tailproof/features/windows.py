"""Building blocks of the families: prices, one-bar returns, rolling statistics that several features share, recursive
averages seeded as TA-Lib seeds them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import polars as pl

SHARED: dict[str, pl.Expr] = {}
"""Columns that several features read, each made once for a frame and only where one of them is wanted."""


def shared(name: str, expression: pl.Expr) -> pl.Expr:
    """The column ``name`` in place of ``expression``, so that it is computed once, inside segments.

    A name always means the same expression, which gives one value per row and may read other shared columns.

    >>> shared("one_bar_return", CLOSE / CLOSE.shift(1) - 1.0).meta.root_names()
    ['one_bar_return']
    """
    first = SHARED.setdefault(name, expression)
    assert first.meta.eq(expression), f"'{name}' means two expressions"
    return pl.col(name)


OPEN, HIGH, LOW, CLOSE, VOLUME = (pl.col(name) for name in ("open", "high", "low", "close", "volume"))
TYPICAL_PRICE = shared("typical_price", (HIGH + LOW + CLOSE) / 3.0)
DOLLARS = shared("dollar_volume", TYPICAL_PRICE * VOLUME)
LOG_VOLUME = shared("log_volume", (VOLUME + 1.0).log())
CHANGE = shared("one_bar_change", CLOSE.diff())
RETURN = shared("one_bar_return", CLOSE / CLOSE.shift(1) - 1.0)
LOG_RETURN = shared("one_bar_log_return", (CLOSE / CLOSE.shift(1)).log())
"""Change, return and log return from the close before in the segment: half the catalogue reads them."""


def shared_expression(name: str) -> pl.Expr | None:
    """The expression that a shared column stands for; None for a column of the bars."""
    return SHARED.get(name)


def columns_read(expression: pl.Expr | Callable[[pl.DataFrame], pl.Expr]) -> tuple[str, ...] | None:
    """Columns of the frame that an expression reads, also by way of shared ones, each once.

    None where it may read any: that of a function, and one that selects columns without naming each by itself.

    >>> columns_read(DOLLARS / pl.col("close") + pl.col("new_york_minute"))
    ('high', 'low', 'close', 'volume', 'new_york_minute')
    >>> columns_read(pl.max_horizontal(pl.all().shift(-1))), columns_read(lambda frame: pl.col("close"))
    (None, None)
    """
    if not isinstance(expression, pl.Expr) or expression.meta.has_multiple_outputs():
        return None
    read: list[str] = []
    for name in expression.meta.root_names():
        read += (columns_read(SHARED[name]) or ()) if name in SHARED else [name]
    return tuple(dict.fromkeys(read))


def columns_read_by(expressions: Iterable[pl.Expr | Callable[[pl.DataFrame], pl.Expr]]) -> frozenset[str] | None:
    """Columns that several expressions read; None where one of them may read any."""
    read = [columns_read(expression) for expression in expressions]
    return None if None in read else frozenset(name for names in read for name in names or ())


def mean(column: pl.Expr, bars: int) -> pl.Expr:
    """Rolling mean of a column over ``bars`` bars, shared."""
    return shared(f"{column.meta.output_name()} mean {bars}", column.rolling_mean(bars))


def spread(column: pl.Expr, bars: int) -> pl.Expr:
    """Rolling standard deviation (ddof 0) of a column, shared."""
    return shared(f"{column.meta.output_name()} spread {bars}", column.rolling_std(bars, ddof=0))


def total(column: pl.Expr, bars: int) -> pl.Expr:
    """Rolling sum of a column, shared; while the segment has fewer bars, the sum of those."""
    return shared(f"{column.meta.output_name()} total {bars}", column.rolling_sum(bars, min_samples=1))


ROW = shared("row_of_segment", pl.int_range(pl.len()))
"""Rows of the segment above this one."""
QUIET = 1e-8
"""A standard deviation of returns below this (a ten-thousandth of a basis point) is rounding, and counts as zero."""
FORGOTTEN = 1e-6
"""Largest weight of the values before a recursive average's declared look-back."""


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

    >>> frame = pl.DataFrame({"x": [1.0, 3.0, 4.0, 4.0], "row_of_segment": [0, 1, 2, 3]})
    >>> frame.select(recursive(pl.col("x"), weight=0.5, seed=2, first=1)).to_series().to_list()
    [None, 2.0, 3.0, 3.5]
    """
    start = values.slice(first - seed + 1, seed).mean()
    seeded = pl.when(first > ROW).then(None).when(first == ROW).then(start).otherwise(values)
    return seeded.ewm_mean(alpha=weight, adjust=False, ignore_nulls=True)


def exponential(values: pl.Expr, bars: int, *, first: int | None = None) -> pl.Expr:
    """Exponential average over ``bars`` (weight 2 / (bars + 1)), seeded as TA-Lib's EMA."""
    return recursive(values, weight=2.0 / (bars + 1), seed=bars, first=bars - 1 if first is None else first)


def wilder(values: pl.Expr, bars: int, *, first: int) -> pl.Expr:
    """Wilder's (1978) smoothing (weight 1 / bars), seeded with the mean of the first ``bars`` values."""
    return recursive(values, weight=1.0 / bars, seed=bars, first=first)


def memory(weight: float, *, power: int = 1) -> int:
    """Bars after which a recursive average has forgotten all but a millionth of what came before.

    The root of an average of squares, ``power`` 2, has forgotten as much when a millionth of a millionth is left: a
    crash of a thousand spreads is still a crash of a thousandth part under the root.

    >>> memory(0.5)
    20
    >>> memory(0.5, power=2)
    40
    """
    return math.ceil(power * math.log(FORGOTTEN) / math.log1p(-weight))
