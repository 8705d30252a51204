"""How much the price moves: from closes, and from the range of each bar, which says several times as much."""

from __future__ import annotations

import math

import polars as pl

from tailproof.core.records import PRICES
from tailproof.features.feature import Feature
from tailproof.features.windows import (
    CLOSE,
    HIGH,
    LOG_RETURN,
    LOW,
    OPEN,
    QUIET,
    RETURN,
    mean,
    memory,
    ratio,
    shared,
    wilder,
)

FAMILY = "range and volatility"
WINDOWS = (20, 60)
RISKMETRICS = 0.06
"""1 - lambda of RiskMetrics (1996)."""

_HIGH_LOW = shared("ln high / low", (HIGH / LOW).log())
_CLOSE_OPEN = shared("ln close / open", (CLOSE / OPEN).log())
_OPEN_BEFORE = shared("ln open / close before", (OPEN / CLOSE.shift(1)).log())
_SQUARE = shared("squared return", RETURN**2)
_HEIGHT = shared("high / low - 1", HIGH / LOW - 1.0)


def realised(bars: int) -> pl.Expr:
    """Root of the mean squared one-bar log return."""
    square = shared("squared log return", LOG_RETURN**2)
    return shared(f"realised {bars}", square.rolling_mean(bars).clip(0.0).sqrt())


def rogers_satchell_variance() -> pl.Expr:
    """Variance of one bar that a trend does not raise: u (u - c) + d (d - c), logs from the open."""
    up, down, close = (HIGH / OPEN).log(), (LOW / OPEN).log(), _CLOSE_OPEN
    return shared("rogers_satchell_variance", up * (up - close) + down * (down - close))


def yang_zhang(bars: int) -> pl.Expr:
    """sqrt(var(o) + k var(c) + (1 - k) mean(rs)), k = 0.34 / (1.34 + (n + 1) / (n - 1))."""
    k = 0.34 / (1.34 + (bars + 1) / (bars - 1))
    spread = _OPEN_BEFORE.rolling_var(bars) + k * _CLOSE_OPEN.rolling_var(bars)
    return (spread + (1.0 - k) * mean(rogers_satchell_variance(), bars)).clip(0.0).sqrt()


def _from_ranges(bars: int) -> list[Feature]:
    parkinson = shared("parkinson_variance", _HIGH_LOW**2 / (4.0 * math.log(2.0)))
    garman_klass = shared("garman_klass_variance", 0.5 * _HIGH_LOW**2 - (2.0 * math.log(2.0) - 1.0) * _CLOSE_OPEN**2)
    estimators = {
        "parkinson": (parkinson, "ln(high/low)² / (4 ln 2)", "Parkinson (1980)"),
        "garman_klass": (garman_klass, "0.5 ln(high/low)² - (2 ln 2 - 1) ln(close/open)²", "Garman and Klass (1980)"),
        "rogers_satchell": (
            rogers_satchell_variance(),
            "u (u - c) + d (d - c), u = ln(high/open), d = ln(low/open), c = ln(close/open)",
            "Rogers and Satchell (1991)",
        ),
    }
    features = [
        Feature(
            name=f"{name}_{bars}",
            expression=mean(variance, bars).clip(0.0).sqrt(),
            formula=f"root of the mean of {words} over {bars} bars",
            needs=PRICES,
            look_back=bars - 1,
            family=FAMILY,
            source=source,
        )
        for name, (variance, words, source) in estimators.items()
    ]
    k = "0.34 / (1.34 + (n+1)/(n-1))"
    yang_zhang_feature = Feature(
        name=f"yang_zhang_{bars}",
        expression=yang_zhang(bars),
        formula=f"root of var(ln open/close before) + k var(ln close/open) + (1-k) Rogers-Satchell, n={bars}, k = {k}",
        needs=PRICES,
        look_back=bars,
        family=FAMILY,
        source="Yang and Zhang (2000)",
    )
    return [*features, yang_zhang_feature]


def _realised(bars: int) -> Feature:
    return Feature(
        name=f"realised_{bars}",
        expression=realised(bars),
        formula=f"root of the mean squared log return of {bars} bars",
        needs=("close",),
        look_back=bars,
        family=FAMILY,
        source="Andersen and Bollerslev (1998), realised volatility",
    )


VOLATILITY_20 = Feature(
    name="volatility_20",
    expression=RETURN.rolling_std(20, min_samples=5),
    formula="standard deviation of the last 20 one-bar returns of the segment (at least 5)",
    needs=("close",),
    look_back=20,
    family=FAMILY,
    source="sample standard deviation; Alpha158 STD20 takes it of prices",
)
EWMA = Feature(
    name="ewma_volatility",
    expression=_SQUARE.ewm_mean(alpha=RISKMETRICS, adjust=False, ignore_nulls=True).sqrt(),
    formula="root of s[t] = 0.94 s[t-1] + 0.06 return[t]²",
    needs=("close",),
    look_back=memory(RISKMETRICS, power=2) + 1,
    family=FAMILY,
    source="RiskMetrics (1996), lambda 0.94",
)
RATIO = Feature(
    name="volatility_ratio_10_60",
    expression=ratio(realised(10), realised(60), least=QUIET, otherwise=1.0),
    formula="realised volatility of 10 bars / of 60 bars, 1 where nothing moved",
    needs=("close",),
    look_back=60,
    family=FAMILY,
    source="ratio of a short to a long window",
)
OF_VOLATILITY = Feature(
    name="volatility_of_volatility_60",
    expression=ratio(_HEIGHT.rolling_std(60), _HEIGHT.rolling_mean(60), least=QUIET),
    formula="standard deviation / mean of (high / low - 1) over 60 bars",
    needs=("high", "low"),
    look_back=59,
    family=FAMILY,
    source="coefficient of variation of the range",
)
DOWNSIDE = Feature(
    name="downside_share_60",
    expression=ratio(
        (RETURN.clip(upper_bound=0.0) ** 2).rolling_mean(60), mean(_SQUARE, 60), least=QUIET**2 / 60.0
    ).clip(0.0, 1.0),
    formula="sum of squared negative returns / sum of squared returns, 60 bars",
    needs=("close",),
    look_back=60,
    family=FAMILY,
    source="Barndorff-Nielsen, Kinnebrock and Shephard (2010), realised semivariance",
)

_BEFORE = CLOSE.shift(1)
TRUE_RANGE = pl.max_horizontal(HIGH - LOW, (HIGH - _BEFORE).abs(), (LOW - _BEFORE).abs())
_ATR = shared("atr 14", wilder(pl.when(_BEFORE.is_not_null()).then(TRUE_RANGE), 14, first=14))
ATR = Feature(
    name="atr_14",
    expression=_ATR,
    formula="Wilder's average of max(high - low, |high - close before|, |low - close before|), 14 bars",
    needs=("high", "low", "close"),
    look_back=14 + memory(1 / 14),
    level=True,
    stationary_twin="natr_14",
    family=FAMILY,
    source="TA-Lib ATR; Wilder (1978)",
)
NATR = Feature(
    name="natr_14",
    expression=100.0 * _ATR / CLOSE,
    formula="100 atr_14 / close",
    needs=("high", "low", "close"),
    look_back=14 + memory(1 / 14),
    family=FAMILY,
    source="TA-Lib NATR",
)


def _to_earlier_sessions() -> Feature:
    spread = (HIGH - LOW) / CLOSE
    usual = spread.shift(1).rolling_mean(10)
    near = pl.col("session") - pl.col("session").shift(10) <= 20
    return Feature(
        name="range_to_minute_10s",
        expression=pl.when(near).then((spread + 1e-5).log() - (usual.clip(0.0) + 1e-5).log()).over("new_york_minute"),
        formula="ln((price_range + 1e-5) / (its mean at this New York minute in the last 10 sessions + 1e-5))",
        needs=("high", "low", "close"),
        look_back=0,
        look_back_sessions=21,
        family=FAMILY,
        source="Andersen and Bollerslev (1997): the course of the day taken out of volatility",
        crosses="the range of bars at the same minute of earlier sessions",
    )


FEATURES = (
    VOLATILITY_20,
    *(_realised(bars) for bars in (5, 10, *WINDOWS)),
    *(feature for bars in (5, *WINDOWS) for feature in _from_ranges(bars)),
    EWMA,
    RATIO,
    OF_VOLATILITY,
    DOWNSIDE,
    ATR,
    NATR,
    _to_earlier_sessions(),
)
