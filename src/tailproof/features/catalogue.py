"""Every feature by name, and the presets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from tailproof.features import (
    clock,
    order_flow,
    other_series,
    price,
    serial_dependence,
    trend,
    volatility,
    volume,
    vwap,
)
from tailproof.features.feature import Feature, Times
from tailproof.features.longer_bars import on_longer_bars

FAMILIES = (price, volatility, volume, vwap, trend, serial_dependence, order_flow, clock, other_series)
BASE: dict[str, Feature] = {
    feature.name: replace(feature, every_row=True) for family in FAMILIES for feature in family.FEATURES
}

SHORT_WINDOWS = (
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
)
"""Features with windows short enough for bars of which a session has few, or one."""
ON_LONGER_BARS: dict[Times, tuple[str, ...]] = {
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
    15: SHORT_WINDOWS,
    60: ("close_change_pct", "price_range", "close_location", "kmid2", "vwap_gap", "run_length", "vix_change_1"),
    "session": SHORT_WINDOWS,
}
"""Features of ``wide`` on longer bars: each family whose values depend on how long a bar is, with windows that leave
most of a session known. Any other feature is computed on longer bars by its name: see ``named``."""

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
        "day_sin_1",
        "day_cos_1",
        "vix_log",
    ),
    "wide": tuple(name for name, feature in CATALOGUE.items() if not feature.level),
}

_LONGER = re.compile(r"(?P<name>.+)_x(?P<times>[1-9][0-9]*|1s)")


def named(name: str, known: Mapping[str, Feature] = CATALOGUE) -> Feature | None:
    """The feature of that name; ``NAME_x30`` is NAME on bars 30 times as long, ``NAME_x1s`` on whole sessions.

    >>> named("rsi_14_x30").times
    30
    >>> named("rsi_41") is None
    True

    Raises:
        ConfigError: NAME cannot be computed on sessions.
    """
    longer = _LONGER.fullmatch(name)
    if name in known or longer is None:
        return known.get(name)
    feature = known.get(longer["name"])
    if feature is None or feature.family == clock.FAMILY or feature.times != 1:
        return None
    return on_longer_bars(feature, "session" if longer["times"] == "1s" else int(longer["times"]))
