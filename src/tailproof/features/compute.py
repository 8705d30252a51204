"""Feature values of every bar, each from its own segment's bars up to and including its own."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tailproof.core.records import Bars
from tailproof.features.feature import Feature


def compute(bars: Bars, features: Sequence[Feature]) -> pl.DataFrame:
    """One float64 column a feature, one row a bar; null where the feature is not yet known.

    >>> from tailproof.bars import sp500_days
    >>> from tailproof.features.price import CLOSE_CHANGE
    >>> compute(sp500_days(), [CLOSE_CHANGE]).head(2)["close_change_pct"].to_list()
    [None, 0.013581999288305502]
    """
    return bars.frame.select(feature.expression.over("segment").alias(feature.name) for feature in features)
