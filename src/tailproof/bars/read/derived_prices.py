"""Prices that a file does not hold in columns of their own: a range in one cell, or one price for a whole bar."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from tailproof.bars.read.aliases import plain_name
from tailproof.bars.read.number_format import NumberFormat

RANGE = "range"
"""Meaning of a column with the low and the high of each bar in one cell."""
RANGE_NAMES = (
    *("range", "day_range", "days_range", "day_s_range", "daily_range"),
    *("low_high", "high_low", "hi_lo", "lo_hi"),
)
NUMBER = r"[^\d\s-]{0,3}\d[\d.,']*"
RANGE_CELL = rf"^\s*({NUMBER})\s*(?:-|–|—|~|to|/)\s*({NUMBER})\s*$"


def range_columns(sample: pl.DataFrame) -> list[str]:
    """Columns whose name and cells are those of a range, such as 190.10 - 192.50."""
    return [name for name in sample.columns if plain_name(name) in RANGE_NAMES and _holds_ranges(sample[name])]


def _holds_ranges(column: pl.Series) -> bool:
    if column.dtype != pl.String:
        return False
    cells = [cell for cell in column.drop_nulls().to_list() if cell.strip()]
    return bool(cells) and all(re.match(RANGE_CELL, cell) for cell in cells)


def with_derived_prices(frame: pl.DataFrame, copies: Mapping[str, str], numbers_as: NumberFormat) -> pl.DataFrame:
    """The frame with low and high from a range, and with prices that are copies of another.

    Args:
        frame: rows with the meanings of their columns as names.
        copies: price that is not there to the price that stands for it.
        numbers_as: how the numbers in a range are written.
    """
    if RANGE in frame.columns:
        ends = frame.select(pl.col(RANGE).str.extract_groups(RANGE_CELL)).unnest(RANGE)
        one, other = (numbers_as.read(ends[name])[0] for name in ends.columns)
        both = pl.DataFrame({"one": one, "other": other})
        low, high = pl.min_horizontal("one", "other"), pl.max_horizontal("one", "other")
        frame = frame.drop(RANGE).hstack(both.select(low.alias("low"), high.alias("high")))
    return frame.with_columns(pl.col(origin).alias(price) for price, origin in copies.items())
