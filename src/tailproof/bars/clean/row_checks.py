"""Checks that each row must pass before any return is computed, and the repairs that a user may choose for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from tailproof.bars.faults import Severity
from tailproof.core.records import PRICES
from tailproof.core.surface import setting


@dataclass(frozen=True, kw_only=True)
class RowCheck:
    """Rows where ``bad`` holds, and what may be done about them."""

    kind: str
    bad: pl.Expr
    column: str
    expected: str
    repairs: tuple[str, ...]
    severity: Severity = "error"


def rows_pass(frame: pl.DataFrame, *, volume: bool = True, negative: bool = False) -> bool:
    """Whether no row of ``frame`` has a fault of value or range; no comparison holds for NaN."""
    names = [name for name in (*PRICES, *(("volume",) if volume else ())) if name in frame.columns]
    if any(frame[name].null_count() for name in names):
        return False
    open_N, high_N, low_N, close_N = (frame[name].to_numpy() for name in PRICES)
    lowest = -np.inf if negative else 0.0
    fine_N = (low_N > lowest) & (low_N <= open_N) & (low_N <= close_N)
    fine_N &= (open_N <= high_N) & (close_N <= high_N) & (high_N < np.inf)
    if "volume" in names:
        volume_N = frame["volume"].to_numpy()
        fine_N &= (volume_N >= 0) & (volume_N < np.inf)
    return bool(fine_N.all())


def value_checks(frame: pl.DataFrame, *, volume: bool = True, negative: bool = False) -> Iterator[RowCheck]:
    """The checks of prices, ranges and volume, in the order in which repairs are applied.

    A missing volume is none where ``volume`` is false; prices may be 0 or below where ``negative`` is true.
    """
    if volume and "volume" in frame.columns:
        yield from _volume_checks()
    for name in PRICES:
        yield from _price_checks(name, negative=negative)
    yield RowCheck(
        kind="high below low",
        bad=pl.col("high") < pl.col("low"),
        column="high",
        expected="high >= low",
        repairs=("drop-bad-prices",),
    )
    for name in ("open", "close"):
        yield RowCheck(
            kind=f"'{name}' outside low-high",
            bad=_all_finite()
            & (pl.col("high") >= pl.col("low"))
            & ~pl.col(name).is_between(pl.col("low"), pl.col("high")),
            column=name,
            expected="low <= it <= high",
            repairs=("widen-range", "drop-bad-prices"),
        )


def _all_finite() -> pl.Expr:
    return pl.all_horizontal(pl.col(name).is_finite() for name in PRICES)


def _volume_checks() -> Iterator[RowCheck]:
    column = pl.col("volume")
    bounds = "a number of at least 0"
    yield RowCheck(
        kind="missing 'volume'",
        bad=column.is_null() | column.is_nan(),
        column="volume",
        expected=bounds,
        repairs=("drop-bad-volume", "zero-missing-volume"),
    )
    yield RowCheck(
        kind="'volume' out of range",
        bad=(column < 0) | column.is_infinite(),
        column="volume",
        expected=bounds,
        repairs=("drop-bad-volume",),
    )


def _price_checks(name: str, *, negative: bool) -> Iterator[RowCheck]:
    column, bounds = pl.col(name), "a price above 0"
    shifted = (
        f"{bounds} ({setting('adjustment', 'difference')} reads those of a future that was adjusted by differences)"
    )
    for kind, bad, expected in (
        (f"missing '{name}'", column.is_null(), bounds),
        (f"'{name}' is not finite", column.is_nan() | column.is_infinite(), bounds),
        (f"'{name}' out of range", column.is_finite() & (column <= 0) & (not negative), shifted),
    ):
        yield RowCheck(kind=kind, bad=bad, column=name, expected=expected, repairs=("drop-bad-prices",))


CHANGES: dict[str, tuple[pl.Expr, ...]] = {
    "widen-range": (
        pl.max_horizontal("high", "open", "close").alias("high"),
        pl.min_horizontal("low", "open", "close").alias("low"),
    ),
    "zero-missing-volume": (pl.lit(0.0).alias("volume"),),
}
"""Repairs that change cells and keep the row; every other repair sets rows aside."""
