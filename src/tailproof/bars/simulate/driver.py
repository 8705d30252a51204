"""The planted driver: the direction of the four-bar move that skips the last bar, reversed."""

from __future__ import annotations

import polars as pl

# The move from close t-5 to close t-1: the 5-bar momentum without the last bar's change.
SKIPPED, REACH = 1, 5


def planted_driver(bars: pl.DataFrame) -> pl.Series:
    """The driver of each bar from ``time``, ``open`` and ``close``: -1.0 or +1.0, known when the bar is complete.

    It is the sign of close[t-5] - close[t-1] within the session; where that is zero, its latest value that was
    not; before any, the sign of open - close of the session's first bar. A session ends where times are more than a
    minute apart. Bars cut out of a session may begin with nulls.

    >>> from tailproof.bars.simulate import simulate
    >>> planted_driver(simulate(rows=2000, ic=0.02, seed=0)).is_in([-1.0, 1.0]).all()
    True
    """
    starts = (pl.col("time").diff() != pl.duration(minutes=1)).fill_null(value=True)
    close = pl.col("close")
    move = (close.shift(SKIPPED) - close.shift(REACH)).over("session")
    body = pl.when("starts").then(close - pl.col("open"))
    direction = -pl.coalesce(move, body).sign()
    return (
        bars.lazy()
        .with_columns(starts=starts, session=starts.cum_sum())
        .with_columns(direction=direction)
        .select(planted_driver=pl.when(pl.col("direction") != 0).then("direction").forward_fill().over("session"))
        .collect()
        .to_series()
    )
