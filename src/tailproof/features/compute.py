"""Feature values of every bar, each from bars up to and including its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from tailproof.core.records import Bars
from tailproof.features.clock import CLOCK_COLUMNS, with_clock
from tailproof.features.feature import Feature
from tailproof.features.longer_bars import lengthen
from tailproof.features.windows import RETURN_COLUMNS

BATCH = 16
"""Features computed at a time: enough to keep every core busy, few enough to bound what lies in memory between."""


def compute(bars: Bars, features: Sequence[Feature]) -> pl.DataFrame:
    """One float64 column a feature, one row a bar; null where the feature is not yet known.

    >>> from tailproof.bars import sp500_days
    >>> from tailproof.features.price import CLOSE_CHANGE
    >>> compute(sp500_days(), [CLOSE_CHANGE]).head(2)["close_change_pct"].to_list()
    [None, 0.013581999288305502]
    """
    columns: dict[str, pl.Series] = {}
    for times in sorted({feature.times for feature in features}):
        chosen = [feature for feature in features if feature.times == times]
        if times == 1:
            columns |= _columns(bars, chosen)
        else:
            longer = lengthen(bars, times)
            values = _columns(longer.bars, chosen)
            columns |= {name: column.gather(longer.last_complete) for name, column in values.items()}
    return pl.DataFrame([columns[feature.name] for feature in features])


def _columns(bars: Bars, features: Sequence[Feature]) -> dict[str, pl.Series]:
    # polars divides a chunk of a single row by a literal, but multiplies longer ones by its reciprocal, which may
    # differ in the last bit: so there is one chunk, and never of a single row.
    frame = with_clock(bars) if any(_reads(feature, CLOCK_COLUMNS) for feature in features) else bars.frame
    frame = (pl.concat([frame, frame]) if len(bars) == 1 else frame).rechunk()
    if any(_reads(feature, RETURN_COLUMNS) for feature in features):
        frame = frame.with_columns(**RETURN_COLUMNS)
    columns: dict[str, pl.Series] = {}
    for start in range(0, len(features), BATCH):
        expressions = [feature.on(frame).cast(pl.Float64) for feature in features[start : start + BATCH]]
        part = frame.lazy().select(expressions).collect()
        columns |= {column.name: column.head(len(bars)) for column in part}
    return columns


def _reads(feature: Feature, columns: Collection[str]) -> bool:
    """Whether it reads one of these columns, which are made only where they are wanted; a user's function may."""
    if not isinstance(feature.expression, pl.Expr):
        return True
    return not set(columns).isdisjoint(feature.expression.meta.root_names())
