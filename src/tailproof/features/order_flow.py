"""Buying and selling pressure, as far as bars can tell: stand-ins for the order flow that trades and quotes show."""

from __future__ import annotations

import polars as pl

from tailproof.core.records import PRICES
from tailproof.features.feature import Feature
from tailproof.features.price import LOCATION
from tailproof.features.serial_dependence import moment
from tailproof.features.windows import (
    CLOSE,
    HIGH,
    LOG_VOLUME,
    LOW,
    QUIET,
    RETURN,
    VOLUME,
    mean,
    ratio,
    shared,
    total,
)

FAMILY = "order flow from bars"
WINDOWS = (5, 20, 60)

_SIGNED = shared("signed_volume", RETURN.sign() * VOLUME)
_LOCATED = shared("located_volume", LOCATION * VOLUME)


def _signed_volume(bars: int) -> Feature:
    return Feature(
        name=f"signed_volume_{bars}",
        expression=ratio(_SIGNED.rolling_sum(bars), total(VOLUME, bars), least=0.5).clip(-1.0, 1.0),
        formula=f"sum(sign(return) x volume) / sum(volume) over {bars} bars; 0 where none was traded",
        needs=("close", "volume"),
        look_back=bars,
        family=FAMILY,
        source="tick rule on bars: Lee and Ready (1991); Granville's OBV (TA-Lib OBV), as a share",
    )


def _chaikin(bars: int) -> Feature:
    return Feature(
        name=f"cmf_{bars}",
        expression=ratio(_LOCATED.rolling_sum(bars), total(VOLUME, bars), least=0.5).clip(-1.0, 1.0),
        formula=f"sum(close_location x volume) / sum(volume) over {bars} bars; 0 where none was traded",
        needs=("high", "low", "close", "volume"),
        look_back=bars - 1,
        family=FAMILY,
        source="Chaikin money flow; the increments are those of TA-Lib AD",
    )


def _roll_spread(bars: int) -> Feature:
    covariance = moment(1, bars) - mean(RETURN, bars) * mean(RETURN, bars).shift(1)
    return Feature(
        name=f"roll_spread_{bars}",
        expression=2.0 * (-covariance).clip(0.0).sqrt(),
        formula=f"2 sqrt(-cov(return, return before)) over {bars} bars, 0 where the covariance is positive",
        needs=("close",),
        look_back=bars + 1,
        family=FAMILY,
        source="Roll (1984)",
    )


def _kyle(bars: int) -> Feature:
    signed = shared("signed_log_volume", RETURN.sign() * LOG_VOLUME)
    both = (RETURN * signed).rolling_mean(bars) - mean(RETURN, bars) * signed.rolling_mean(bars)
    return Feature(
        name=f"kyle_{bars}",
        expression=ratio(both, signed.rolling_var(bars, ddof=0), least=1e-6) * 1e4,
        formula=f"slope of return on sign(return) x ln(volume + 1), {bars} bars, in basis points",
        needs=("close", "volume"),
        look_back=bars,
        family=FAMILY,
        source="Kyle (1985); Hasbrouck (2009) for signed volume from bars",
    )


WICKS = Feature(
    name="wick_balance_20",
    expression=ratio(
        (pl.min_horizontal("open", "close") - LOW - HIGH + pl.max_horizontal("open", "close")).rolling_sum(20) / CLOSE,
        (HIGH - LOW).rolling_sum(20) / CLOSE,
        least=QUIET,
    ).clip(-1.0, 1.0),
    formula="(sum of lower wicks - sum of upper wicks) / sum of ranges, 20 bars; 0 where nothing moved",
    needs=PRICES,
    look_back=19,
    family=FAMILY,
    source="rejection of prices below less above the body; Alpha158 KLOW2 less KUP2 over a window",
)

FEATURES = (
    *(_signed_volume(bars) for bars in WINDOWS),
    *(_chaikin(bars) for bars in WINDOWS[1:]),
    _roll_spread(60),
    _kyle(60),
    WICKS,
)
