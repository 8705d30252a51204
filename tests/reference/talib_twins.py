"""Plain twins of TA-Lib's published definitions, bar by bar: nothing here is shared with the features they check."""

from __future__ import annotations

import numpy as np


def sma_seeded(values_N: np.ndarray, period: int, weight: float, first: int) -> np.ndarray:
    """Mean of the first ``period`` values up to ``first``, from there m += weight (value - m)."""
    out_N = np.full(len(values_N), np.nan)
    if first >= len(values_N):
        return out_N
    mean = float(np.mean(values_N[first - period + 1 : first + 1]))
    out_N[first] = mean
    for row in range(first + 1, len(values_N)):
        mean = mean + weight * (values_N[row] - mean)
        out_N[row] = mean
    return out_N


def rsi(close_N: np.ndarray, period: int) -> np.ndarray:
    change_N = np.r_[np.nan, np.diff(close_N)]
    gain_N, loss_N = np.where(change_N > 0, change_N, 0.0), np.where(change_N < 0, -change_N, 0.0)
    up_N = sma_seeded(gain_N, period, 1.0 / period, period)
    down_N = sma_seeded(loss_N, period, 1.0 / period, period)
    return 100.0 * up_N / (up_N + down_N)


def macd(close_N: np.ndarray) -> np.ndarray:
    """MACD line of 12 and 26, both averages started where the slow one is ready, as TA-Lib does."""
    fast_N = sma_seeded(close_N, 12, 2.0 / 13, 25)
    return fast_N - sma_seeded(close_N, 26, 2.0 / 27, 25)


def atr(high_N: np.ndarray, low_N: np.ndarray, close_N: np.ndarray, period: int) -> np.ndarray:
    before_N = np.r_[np.nan, close_N[:-1]]
    range_N = np.fmax(high_N - low_N, np.fmax(np.abs(high_N - before_N), np.abs(low_N - before_N)))
    return sma_seeded(range_N, period, 1.0 / period, period)


def bollinger_position(close_N: np.ndarray, period: int) -> np.ndarray:
    out_N = np.full(len(close_N), np.nan)
    for row in range(period - 1, len(close_N)):
        window = close_N[row - period + 1 : row + 1]
        out_N[row] = (close_N[row] - window.mean()) / (2.0 * window.std())
    return out_N


def money_flow_index(
    high_N: np.ndarray, low_N: np.ndarray, close_N: np.ndarray, volume_N: np.ndarray, period: int
) -> np.ndarray:
    typical_N = (high_N + low_N + close_N) / 3.0
    out_N = np.full(len(close_N), np.nan)
    for row in range(period, len(close_N)):
        up = down = 0.0
        for back in range(row - period + 1, row + 1):
            flow = typical_N[back] * volume_N[back]
            up += flow if typical_N[back] > typical_N[back - 1] else 0.0
            down += flow if typical_N[back] < typical_N[back - 1] else 0.0
        out_N[row] = 100.0 * up / (up + down)
    return out_N


def rocp(close_N: np.ndarray, period: int) -> np.ndarray:
    return np.r_[np.full(period, np.nan), close_N[period:] / close_N[:-period] - 1.0]


def fast_k(high_N: np.ndarray, low_N: np.ndarray, close_N: np.ndarray, period: int) -> np.ndarray:
    out_N = np.full(len(close_N), np.nan)
    for row in range(period - 1, len(close_N)):
        top, bottom = high_N[row - period + 1 : row + 1].max(), low_N[row - period + 1 : row + 1].min()
        out_N[row] = (close_N[row] - bottom) / (top - bottom)
    return out_N
