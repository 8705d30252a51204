"""Trend and oscillators, from TA-Lib's and Alpha158's published definitions."""

from __future__ import annotations

import numpy as np
from tests.reference.twins.columns import Columns, before, quotient, smoothed, twin, windows


@twin("rsi_#")
def relative_strength(columns: Columns, bars: int) -> np.ndarray:
    """Wilder (1978), as TA-Lib RSI: 100 U / (U + D)."""
    change_N = columns.close_N - before(columns.close_N, 1)
    up_N = smoothed(np.maximum(change_N, 0.0), period=bars, weight=1.0 / bars, first=bars)
    down_N = smoothed(np.maximum(-change_N, 0.0), period=bars, weight=1.0 / bars, first=bars)
    return quotient(100.0 * up_N, up_N + down_N, least=1e-9, rest=50.0)


def macd_lines(columns: Columns) -> tuple[np.ndarray, np.ndarray]:
    """TA-Lib MACD (12, 26, 9) and its signal: both averages begin where the slow one is ready."""
    fast_N = smoothed(columns.close_N, period=12, weight=2.0 / 13, first=25)
    line_N = fast_N - smoothed(columns.close_N, period=26, weight=2.0 / 27, first=25)
    return line_N, smoothed(line_N, period=9, weight=0.2, first=33)


@twin("macd")
def macd(columns: Columns) -> np.ndarray:
    return macd_lines(columns)[0] / columns.close_N


@twin("macd_hist")
def macd_histogram(columns: Columns) -> np.ndarray:
    line_N, signal_N = macd_lines(columns)
    return (line_N - signal_N) / columns.close_N


@twin("bbands_position_#")
def bollinger_position(columns: Columns, bars: int) -> np.ndarray:
    """1 at TA-Lib's upper band of two standard deviations (of the population), -1 at the lower."""
    close_NB = windows(columns.close_N, bars)
    width_N = 2.0 * close_NB.std(axis=1)
    return quotient(columns.close_N - close_NB.mean(axis=1), width_N, least=1e-8 * columns.close_N.min())


@twin("bbands_width_#")
def bollinger_width(columns: Columns, bars: int) -> np.ndarray:
    close_NB = windows(columns.close_N, bars)
    return 4.0 * close_NB.std(axis=1) / close_NB.mean(axis=1)


@twin("rsv_#")
def fast_k(columns: Columns, bars: int) -> np.ndarray:
    """Alpha158 RSV; TA-Lib STOCHF's fast K over 100."""
    top_N, bottom_N = windows(columns.high_N, bars).max(axis=1), windows(columns.low_N, bars).min(axis=1)
    return quotient(columns.close_N - bottom_N, top_N - bottom_N, least=1e-12, rest=0.5)


@twin("ma_#")
def mean_close(columns: Columns, bars: int) -> np.ndarray:
    return windows(columns.close_N, bars).mean(axis=1) / columns.close_N - 1.0


@twin("max_#")
def highest(columns: Columns, bars: int) -> np.ndarray:
    return windows(columns.high_N, bars).max(axis=1) / columns.close_N - 1.0


@twin("min_#")
def lowest(columns: Columns, bars: int) -> np.ndarray:
    return windows(columns.low_N, bars).min(axis=1) / columns.close_N - 1.0


@twin("beta_#")
def slope(columns: Columns, bars: int) -> np.ndarray:
    """Alpha158 BETA: slope of the least-squares line, here by solving for it."""
    design_BC = np.column_stack([np.ones(bars), np.arange(bars)])
    return (windows(columns.close_N, bars) @ np.linalg.pinv(design_BC)[1]) / columns.close_N


def rises_and_falls(columns: Columns, bars: int) -> tuple[np.ndarray, np.ndarray]:
    change_NB = windows(columns.close_N - before(columns.close_N, 1), bars)
    return np.maximum(change_NB, 0.0).sum(axis=1), np.maximum(-change_NB, 0.0).sum(axis=1)


@twin("sumd_#")
def net_share(columns: Columns, bars: int) -> np.ndarray:
    """Alpha158 SUMD: (sum of rises - sum of falls) / (their sum)."""
    up_N, down_N = rises_and_falls(columns, bars)
    return quotient(up_N - down_N, up_N + down_N, least=1e-9)


@twin("cntd_#")
def net_count(columns: Columns, bars: int) -> np.ndarray:
    """Alpha158 CNTD: share of rising bars less share of falling ones."""
    change_NB = windows(columns.close_N - before(columns.close_N, 1), bars)
    counted_N = ((change_NB > 0.0).mean(axis=1) - (change_NB < 0.0).mean(axis=1)).astype(float)
    return np.where(np.isnan(change_NB).any(axis=1), np.nan, counted_N)


@twin("efficiency_#")
def efficiency(columns: Columns, bars: int) -> np.ndarray:
    """Kaufman (1995): net change over the way that the price went."""
    net_N = columns.close_N - before(columns.close_N, bars)
    way_N = windows(np.abs(columns.close_N - before(columns.close_N, 1)), bars).sum(axis=1)
    return quotient(net_N, way_N, least=1e-9)


@twin("mfi_#")
def money_flow(columns: Columns, bars: int) -> np.ndarray:
    """TA-Lib MFI; Quong and Soudack (1989): the RSI of money."""
    change_N = columns.typical_N - before(columns.typical_N, 1)
    money_N = columns.typical_N * columns.volume_N
    up_N = windows(np.where(change_N > 0.0, money_N, 0.0 * change_N), bars).sum(axis=1)
    down_N = windows(np.where(change_N < 0.0, money_N, 0.0 * change_N), bars).sum(axis=1)
    return quotient(100.0 * up_N, up_N + down_N, least=1.0, rest=50.0)


@twin("qtlu_#")
def upper_quantile(columns: Columns, bars: int) -> np.ndarray:
    return np.quantile(windows(columns.close_N, bars), 0.8, axis=1) / columns.close_N - 1.0


@twin("qtld_#")
def lower_quantile(columns: Columns, bars: int) -> np.ndarray:
    return np.quantile(windows(columns.close_N, bars), 0.2, axis=1) / columns.close_N - 1.0


@twin("skew_#")
def skewness(columns: Columns, bars: int) -> np.ndarray:
    """Third central moment over the cube of the standard deviation, no further than 8."""
    return_NB = windows(columns.return_N, bars)
    away_NB = return_NB - return_NB.mean(axis=1, keepdims=True)
    return np.clip(quotient((away_NB**3).mean(axis=1), return_NB.std(axis=1) ** 3, least=1e-18), -8.0, 8.0)
