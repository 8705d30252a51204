"""Returns, momentum and range of the bars themselves."""

from __future__ import annotations

import polars as pl

from tailproof.features.feature import Feature

CLOSE, HIGH, LOW = pl.col("close"), pl.col("high"), pl.col("low")


def momentum(bars: int) -> pl.Expr:
    """Return from the close ``bars`` bars ago to this close."""
    return CLOSE / CLOSE.shift(bars) - 1.0


CLOSE_CHANGE = Feature(
    name="close_change_pct",
    expression=momentum(1),
    formula="close[t] / close[t-1] - 1",
    needs=("close",),
    look_back=1,
)
MOMENTUM_3 = Feature(
    name="price_mom_3d",
    expression=momentum(3),
    formula="close[t] / close[t-3] - 1",
    needs=("close",),
    look_back=3,
)
MOMENTUM_5 = Feature(
    name="price_mom_5d",
    expression=momentum(5),
    formula="close[t] / close[t-5] - 1",
    needs=("close",),
    look_back=5,
)
RANGE = Feature(
    name="price_range",
    expression=(HIGH - LOW) / CLOSE,
    formula="(high[t] - low[t]) / close[t]",
    needs=("high", "low", "close"),
    look_back=0,
)
CLOSE_LOCATION = Feature(
    name="close_location",
    expression=pl.when(HIGH > LOW).then((2.0 * CLOSE - HIGH - LOW) / (HIGH - LOW)).otherwise(0.0),
    formula="((close - low) - (high - close)) / (high - low), 0 where high = low",
    needs=("high", "low", "close"),
    look_back=0,
)
VOLATILITY_20 = Feature(
    name="volatility_20",
    expression=momentum(1).rolling_std(20, min_samples=5),
    formula="standard deviation of the last 20 one-bar returns of the segment (at least 5)",
    needs=("close",),
    look_back=20,
)

FEATURES = (CLOSE_CHANGE, MOMENTUM_3, MOMENTUM_5, RANGE, CLOSE_LOCATION, VOLATILITY_20)
