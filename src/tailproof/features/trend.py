"""Trend and oscillators under the names of TA-Lib and Alpha158, each made free of the price level."""

from __future__ import annotations

import numpy as np
import polars as pl

from tailproof.features.feature import Feature
from tailproof.features.windows import (
    CHANGE,
    CLOSE,
    DOLLARS,
    HIGH,
    LOW,
    QUIET,
    RETURN,
    TYPICAL_PRICE,
    exponential,
    mean,
    memory,
    ratio,
    shared,
    spread,
    wilder,
)

FAMILY = "trend and oscillators"
FAST, SLOW, SIGNAL = 12, 26, 9
FEW = 1e-9


def _feature(name: str, expression: pl.Expr, formula: str, look_back: int, source: str, *needs: str) -> Feature:
    return Feature(
        name=name,
        expression=expression,
        formula=formula,
        needs=needs or ("close",),
        look_back=look_back,
        family=FAMILY,
        source=source,
    )


def rsi(bars: int) -> pl.Expr:
    """100 U / (U + D) of Wilder-smoothed rises U and falls D; 50 where nothing moved."""
    up, down = (wilder(part, bars, first=bars) for part in (CHANGE.clip(0.0), (-CHANGE).clip(0.0)))
    return ratio(100.0 * up, up + down, least=FEW, otherwise=50.0)


def _rsi(bars: int) -> Feature:
    formula = f"100 U / (U + D): Wilder's averages of rises and falls over {bars} bars; 50 where nothing moved"
    look_back = bars + memory(1 / bars, power=2)  # a ratio: in a quiet stretch both averages are nearly forgotten
    return _feature(f"rsi_{bars}", rsi(bars), formula, look_back, "TA-Lib RSI; Wilder (1978)")


MACD_LINE = shared("macd_line", exponential(CLOSE, FAST, first=SLOW - 1) - exponential(CLOSE, SLOW))
_MACD_SIGNAL = exponential(MACD_LINE, SIGNAL, first=SLOW + SIGNAL - 2)
_MACD_MEMORY = SLOW + memory(2.0 / (SLOW + 1))


def _macd() -> list[Feature]:
    source = "TA-Lib MACD (12, 26, 9) over the close; Appel (1979)"
    return [
        _feature("macd", MACD_LINE / CLOSE, "(EMA 12 - EMA 26) / close", _MACD_MEMORY, source),
        _feature(
            "macd_hist",
            (MACD_LINE - _MACD_SIGNAL) / CLOSE,
            "(macd line - its EMA 9) / close",
            _MACD_MEMORY + memory(2.0 / (SIGNAL + 1)),
            source,
        ),
    ]


def _bollinger(bars: int) -> list[Feature]:
    width, middle = 2.0 * spread(CLOSE, bars), mean(CLOSE, bars)
    source = "TA-Lib BBANDS (2 standard deviations); Bollinger (1992)"
    return [
        _feature(
            f"bbands_position_{bars}",
            ratio((CLOSE - middle) / CLOSE, width / CLOSE, least=QUIET),
            f"(close - mean) / (2 standard deviations), {bars} bars; 0 where nothing moved",
            bars - 1,
            source,
        ),
        _feature(
            f"bbands_width_{bars}", 2.0 * width / middle, f"4 standard deviations / mean, {bars} bars", bars - 1, source
        ),
    ]


def _place(bars: int) -> list[Feature]:
    """Where the close stands among the last bars."""
    top = shared(f"highest high {bars}", HIGH.rolling_max(bars))
    bottom = shared(f"lowest low {bars}", LOW.rolling_min(bars))
    return [
        _feature(
            f"rsv_{bars}",
            pl.when(top > bottom).then((CLOSE - bottom) / (top - bottom)).when(top == bottom).then(0.5),
            f"(close - lowest low) / (highest high - lowest low) of {bars} bars, 0.5 where they are equal",
            bars - 1,
            f"Alpha158 RSV{bars}; TA-Lib STOCHF's fast K / 100; Lane (1984)",
            "high",
            "low",
            "close",
        ),
        _feature(
            f"ma_{bars}",
            mean(CLOSE, bars) / CLOSE - 1.0,
            f"mean close of {bars} bars / close - 1",
            bars - 1,
            f"Alpha158 MA{bars}, less 1",
        ),
        _feature(
            f"max_{bars}", top / CLOSE - 1.0, f"highest high of {bars} bars / close - 1", bars - 1,
            f"Alpha158 MAX{bars}, less 1", "high", "close",
        ),
        _feature(
            f"min_{bars}", bottom / CLOSE - 1.0, f"lowest low of {bars} bars / close - 1", bars - 1,
            f"Alpha158 MIN{bars}, less 1", "low", "close",
        ),
    ]  # fmt: skip


def _slope(bars: int) -> Feature:
    """Least squares: sum (i - mean i) close[i] / sum (i - mean i)², by weights, so that no running sum drifts."""
    centred_I = np.arange(bars) - (bars - 1) / 2.0
    weights = (centred_I / (centred_I**2).sum()).tolist()
    # The prices less the newest one, in effect: the weights add up to 0.
    return _feature(
        f"beta_{bars}",
        CLOSE.rolling_sum(bars, weights=weights) / CLOSE,
        f"slope of the line through the last {bars} closes / close",
        bars - 1,
        f"Alpha158 BETA{bars}",
    )


def efficiency(bars: int) -> pl.Expr:
    """Net move as a share of the path, signed: rises less falls over rises and falls."""
    way = shared("one_bar_change size", CHANGE.abs()).rolling_sum(bars)
    return ratio(CLOSE - CLOSE.shift(bars), way, least=FEW).clip(-1.0, 1.0)


def _counts(bars: int) -> list[Feature]:
    return [
        _feature(
            f"sumd_{bars}",
            efficiency(bars),
            f"(sum of rises - sum of falls) / (their sum) over {bars} bars; 0 where nothing moved",
            bars,
            f"Alpha158 SUMD{bars}; TA-Lib CMO with plain sums / 100",
        ),
        _feature(
            f"cntd_{bars}",
            shared("way of the change", CHANGE.sign()).rolling_mean(bars),
            f"share of rising less share of falling bars among {bars}",
            bars,
            f"Alpha158 CNTD{bars}",
        ),
    ]


def _efficiency(bars: int) -> Feature:
    return _feature(
        f"efficiency_{bars}",
        efficiency(bars),
        f"(close - close {bars} bars before) / sum of |changes|, 0 where nothing moved",
        bars,
        "Kaufman (1995), efficiency ratio, signed",
    )


def _money_flow(bars: int) -> Feature:
    change = TYPICAL_PRICE.diff()
    up = pl.when(change > 0.0).then(DOLLARS).when(change <= 0.0).then(0.0).rolling_sum(bars)
    down = pl.when(change < 0.0).then(DOLLARS).when(change >= 0.0).then(0.0).rolling_sum(bars)
    return _feature(
        f"mfi_{bars}",
        ratio(100.0 * up, up + down, least=1.0, otherwise=50.0).clip(0.0, 100.0),
        f"100 U / (U + D): typical price x volume of bars whose typical price rose, fell; {bars} bars, 50 for neither",
        bars,
        "TA-Lib MFI; Quong and Soudack (1989); 50 where TA-Lib says 0",
        "high",
        "low",
        "close",
        "volume",
    )


QUANTILES = tuple(
    _feature(
        f"qtl{letter}_20",
        CLOSE.rolling_quantile(share, interpolation="linear", window_size=20) / CLOSE - 1.0,
        f"{share:.0%} quantile of the last 20 closes / close - 1",
        19,
        f"Alpha158 QTL{letter.upper()}20, less 1",
    )
    for letter, share in (("u", 0.8), ("d", 0.2))
)
SKEW = _feature(
    "skew_60",
    ratio(
        (RETURN**3).rolling_mean(60) - 3.0 * mean(RETURN, 60) * mean(shared("squared return", RETURN**2), 60)
        + 2.0 * mean(RETURN, 60) ** 3,
        spread(RETURN, 60) ** 3,
        least=1e-18,
    ).clip(-8.0, 8.0),
    "third central moment / standard deviation³ of 60 returns; 0 where nothing moved",
    60,
    "Amaya, Christoffersen, Jacobs and Vasquez (2015), realised skewness",
)  # fmt: skip

FEATURES = (
    *(_rsi(bars) for bars in (6, 14)),
    *_macd(),
    *(feature for bars in (20, 60) for feature in _bollinger(bars)),
    *(feature for bars in (5, 20, 60) for feature in _place(bars)),
    *(_slope(bars) for bars in (10, 20)),
    *(feature for bars in (10, 20) for feature in _counts(bars)),
    *(_efficiency(bars) for bars in (30,)),
    _money_flow(14),
    *QUANTILES,
    SKEW,
)
