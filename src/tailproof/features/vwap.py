"""The volume-weighted average price, rolling and since the session opened, and how far the close is from it."""

from __future__ import annotations

import polars as pl

from tailproof.features.feature import Feature
from tailproof.features.windows import CLOSE, DOLLARS, LOG_RETURN, QUIET, TYPICAL_PRICE, VOLUME, ratio, shared, total

FAMILY = "volume-weighted average price"
WINDOW = 20
NEEDS = ("high", "low", "close", "volume")
SOURCE = "Berkowitz, Logue and Noser (1988), of typical prices"


def rolling_vwap(bars: int = WINDOW) -> pl.Expr:
    """Typical price of the last bars of the segment weighted by volume; unweighted while no volume was traded."""
    traded = total(VOLUME, bars)
    weighted = pl.when(traded > 0.0).then(total(DOLLARS, bars) / traded)
    return shared(f"vwap {bars}", weighted.otherwise(TYPICAL_PRICE.rolling_mean(bars, min_samples=1)))


def anchored_vwap() -> pl.Expr:
    """Typical price since the segment's first bar weighted by volume; the typical price while none was traded."""
    traded = VOLUME.cum_sum()
    return pl.when(traded > 0.0).then(DOLLARS.cum_sum() / traded).otherwise(TYPICAL_PRICE)


VWAP = Feature(
    name="vwap",
    expression=rolling_vwap(),
    formula="sum(typical price x volume) / sum(volume), last 20 bars of the segment; typical = (high+low+close) / 3",
    needs=NEEDS,
    look_back=WINDOW - 1,
    level=True,
    stationary_twin="vwap_gap",
    family=FAMILY,
    source="the original project, its window made 20 bars",
)
VWAP_GAP = Feature(
    name="vwap_gap",
    expression=CLOSE / rolling_vwap() - 1.0,
    formula="close[t] / vwap[t] - 1",
    needs=NEEDS,
    look_back=WINDOW - 1,
    family=FAMILY,
    source=SOURCE,
)
VWAP_GAP_60 = Feature(
    name="vwap_gap_60",
    expression=CLOSE / rolling_vwap(60) - 1.0,
    formula="close[t] / (vwap over the last 60 bars) - 1",
    needs=NEEDS,
    look_back=59,
    family=FAMILY,
    source=SOURCE,
)
VWAP_GAP_Z = Feature(
    name="vwap_gap_z_20",
    expression=ratio(CLOSE / rolling_vwap() - 1.0, LOG_RETURN.rolling_std(20), least=QUIET),
    formula="vwap_gap / standard deviation of the last 20 log returns, 0 where nothing moved",
    needs=NEEDS,
    look_back=20,
    family=FAMILY,
    source=SOURCE,
)
SESSION_VWAP = Feature(
    name="vwap_session",
    expression=anchored_vwap(),
    formula="sum(typical price x volume) / sum(volume) since the segment's first bar",
    needs=NEEDS,
    look_back=0,
    look_back_sessions=1,
    level=True,
    stationary_twin="vwap_session_gap",
    family=FAMILY,
    source=f"{SOURCE}, anchored at the open",
)
SESSION_VWAP_GAP = Feature(
    name="vwap_session_gap",
    expression=CLOSE / anchored_vwap() - 1.0,
    formula="close[t] / vwap_session[t] - 1",
    needs=NEEDS,
    look_back=0,
    look_back_sessions=1,
    family=FAMILY,
    source=f"{SOURCE}, anchored at the open",
)

FEATURES = (VWAP, VWAP_GAP, VWAP_GAP_60, VWAP_GAP_Z, SESSION_VWAP, SESSION_VWAP_GAP)
