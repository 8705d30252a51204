"""Volume, and the volume-weighted average price."""

from __future__ import annotations

import polars as pl

from tailproof.features.feature import Feature

WINDOW = 20
TYPICAL_PRICE = (pl.col("high") + pl.col("low") + pl.col("close")) / 3.0
VOLUME = pl.col("volume")


def rolling_vwap() -> pl.Expr:
    """Typical price of the last 20 bars of the segment weighted by volume; unweighted while no volume was traded."""
    traded = VOLUME.rolling_sum(WINDOW, min_samples=1)
    weighted = (TYPICAL_PRICE * VOLUME).rolling_sum(WINDOW, min_samples=1) / traded
    return pl.when(traded > 0.0).then(weighted).otherwise(TYPICAL_PRICE.rolling_mean(WINDOW, min_samples=1))


VWAP = Feature(
    name="vwap",
    expression=rolling_vwap(),
    formula="sum(typical price x volume) / sum(volume), last 20 bars of the segment; typical = (high+low+close) / 3",
    needs=("high", "low", "close", "volume"),
    look_back=WINDOW - 1,
    level=True,
    stationary_twin="vwap_gap",
)
VWAP_GAP = Feature(
    name="vwap_gap",
    expression=pl.col("close") / rolling_vwap() - 1.0,
    formula="close[t] / vwap[t] - 1",
    needs=("high", "low", "close", "volume"),
    look_back=WINDOW - 1,
)
VOLUME_RATIO_20 = Feature(
    name="volume_ratio_20",
    expression=((VOLUME + 1.0) / (VOLUME.rolling_mean(WINDOW, min_samples=5) + 1.0)).log(),
    formula="ln((volume[t] + 1) / (mean volume of the last 20 bars of the segment + 1)), at least 5 bars",
    needs=("volume",),
    look_back=WINDOW - 1,
)

FEATURES = (VWAP, VWAP_GAP, VOLUME_RATIO_20)
