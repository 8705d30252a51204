"""Every feature by name, and the presets."""

from __future__ import annotations

from dataclasses import replace

from tailproof.features import clock, order_flow, other_series, price, serial, trend, volatility, volume, vwap
from tailproof.features.feature import Feature
from tailproof.features.longer_bars import on_longer_bars

FAMILIES = (price, volatility, volume, vwap, trend, serial, order_flow, clock, other_series)
BASE: dict[str, Feature] = {
    feature.name: replace(feature, every_row=True) for family in FAMILIES for feature in family.FEATURES
}

ON_LONGER_BARS: dict[int, tuple[str, ...]] = {
    5: (
        "close_change_pct",
        "price_mom_5d",
        "return_z_20",
        "price_range",
        "close_location",
        "realised_20",
        "garman_klass_20",
        "volume_ratio_20",
        "vwap_gap",
        "rsi_14",
        "macd_hist",
        "bbands_position_20",
        "beta_10",
        "autocorr_1_20",
        "run_length",
        "signed_volume_20",
        "vix_change_1",
    ),
    15: (
        "close_change_pct",
        "price_mom_5d",
        "price_range",
        "close_location",
        "realised_5",
        "garman_klass_5",
        "volume_ratio_20",
        "vwap_gap",
        "rsv_5",
        "ma_5",
        "run_length",
        "signed_volume_5",
        "vix_change_1",
    ),
    60: ("close_change_pct", "price_range", "close_location", "kmid2", "vwap_gap", "run_length", "vix_change_1"),
}
"""Every family whose values depend on how long a bar is, with windows that leave most of a session known."""

CATALOGUE: dict[str, Feature] = BASE | {
    feature.name: feature
    for times, names in ON_LONGER_BARS.items()
    for feature in (on_longer_bars(BASE[name], times) for name in names)
}
PRESETS: dict[str, tuple[str, ...]] = {
    "original": ("close_change_pct", "vwap", "price_range", "price_mom_3d", "price_mom_5d"),
    "default": (
        "close_change_pct",
        "vwap_gap",
        "price_range",
        "price_mom_3d",
        "price_mom_5d",
        "close_location",
        "volatility_20",
        "volume_ratio_20",
        "vix_log",
    ),
    "wide": tuple(name for name, feature in CATALOGUE.items() if not feature.level),
}
