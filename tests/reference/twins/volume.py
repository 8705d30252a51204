"""Volume, dollar volume and volume-weighted prices."""

from __future__ import annotations

import numpy as np
from tests.reference.twins.columns import ACROSS, Columns, before, quotient, twin, windows
from tests.reference.twins.volatility import to_the_same_minute


def to_the_mean(amount_N: np.ndarray, bars: int) -> np.ndarray:
    """ln((amount + 1) / (mean of the last bars + 1)), from five bars on."""
    out_N = np.full(len(amount_N), np.nan)
    for row in range(4, len(amount_N)):
        out_N[row] = np.log((amount_N[row] + 1.0) / (amount_N[max(row - bars + 1, 0) : row + 1].mean() + 1.0))
    return out_N


@twin("volume_ratio_#")
def volume_ratio(columns: Columns, bars: int) -> np.ndarray:
    return to_the_mean(columns.volume_N, bars)


@twin("dollar_ratio_#")
def dollar_ratio(columns: Columns, bars: int) -> np.ndarray:
    return to_the_mean(columns.typical_N * columns.volume_N, bars)


@twin("volume_to_minute_#s", ACROSS)
def volume_to_minute(columns: Columns, sessions: int) -> np.ndarray:
    return to_the_same_minute(columns.volume_N, columns, sessions, 1.0)


@twin("dollar_to_minute_#s", ACROSS)
def dollar_to_minute(columns: Columns, sessions: int) -> np.ndarray:
    return to_the_same_minute(columns.close_N * columns.volume_N, columns, sessions, 1.0)


@twin("volume_z_#")
def volume_z(columns: Columns, bars: int) -> np.ndarray:
    log_N = np.log1p(columns.volume_N)
    log_NB = windows(log_N, bars)
    return quotient(log_N - log_NB.mean(axis=1), log_NB.std(axis=1, ddof=1), least=1e-6)


@twin("volume_log")
def volume_log(columns: Columns) -> np.ndarray:
    return np.log1p(columns.volume_N)


@twin("vstd_#")
def vstd(columns: Columns, bars: int) -> np.ndarray:
    """Alpha158: Std($volume, d) / $volume."""
    return windows(columns.volume_N, bars).std(axis=1, ddof=1) / (columns.volume_N + 1.0)


@twin("wvma_#")
def wvma(columns: Columns, bars: int) -> np.ndarray:
    """Alpha158: Std(|return| x volume, d) / Mean(|return| x volume, d)."""
    move_NB = windows(np.abs(columns.return_N) * columns.volume_N, bars)
    return quotient(move_NB.std(axis=1, ddof=1), move_NB.mean(axis=1), least=1e-9)


@twin("vsumd_#")
def vsumd(columns: Columns, bars: int) -> np.ndarray:
    """Alpha158: (sum of rises - sum of falls) / sum of both."""
    change_NB = windows(columns.volume_N - before(columns.volume_N, 1), bars)
    rises_N, falls_N = np.maximum(change_NB, 0.0).sum(axis=1), np.maximum(-change_NB, 0.0).sum(axis=1)
    return quotient(rises_N - falls_N, rises_N + falls_N, least=0.5)


def correlation(first_NB: np.ndarray, second_NB: np.ndarray, *, least: float) -> np.ndarray:
    """Pearson's, row by row; 0 where one side rests."""
    first_NB = first_NB - first_NB.mean(axis=1, keepdims=True)
    second_NB = second_NB - second_NB.mean(axis=1, keepdims=True)
    both_N = (first_NB * second_NB).mean(axis=1)
    return quotient(both_N, first_NB.std(axis=1) * second_NB.std(axis=1), least=least)


@twin("return_volume_corr_#")
def return_volume_correlation(columns: Columns, bars: int) -> np.ndarray:
    return correlation(windows(columns.return_N, bars), windows(np.log1p(columns.volume_N), bars), least=1e-9)


@twin("amihud_#")
def amihud(columns: Columns, bars: int) -> np.ndarray:
    """Amihud (2002), as a ratio of sums."""
    moves_N = windows(np.abs(columns.return_N), bars).sum(axis=1)
    dollars_N = windows(columns.typical_N * columns.volume_N, bars).sum(axis=1)
    return np.log(1e9 * quotient(moves_N, dollars_N, least=0.01) + 1e-6)


def vwap(columns: Columns, bars: int = 20) -> np.ndarray:
    """The mean over the last bars there are, weighted by volume; unweighted while none of them was traded."""
    out_N = np.empty(len(columns))
    for row in range(len(columns)):
        rows = slice(max(row - bars + 1, 0), row + 1)
        typical, volume = columns.typical_N[rows], columns.volume_N[rows]
        out_N[row] = (typical * volume).sum() / volume.sum() if volume.sum() > 0.0 else typical.mean()
    return out_N


def session_vwap(columns: Columns) -> np.ndarray:
    traded_N = np.cumsum(columns.volume_N)
    paid_N = np.cumsum(columns.typical_N * columns.volume_N)
    return np.where(traded_N > 0.0, paid_N / np.maximum(traded_N, 1.0), columns.typical_N)


def vwap_gap(columns: Columns, bars: int = 20) -> np.ndarray:
    return columns.close_N / vwap(columns, bars) - 1.0


twin("vwap")(vwap)
twin("vwap_gap")(vwap_gap)
twin("vwap_gap_#")(vwap_gap)
twin("vwap_session")(session_vwap)
twin("vwap_session_gap")(lambda columns: columns.close_N / session_vwap(columns) - 1.0)


@twin("vwap_gap_z_#")
def vwap_gap_z(columns: Columns, bars: int) -> np.ndarray:
    return quotient(vwap_gap(columns, bars), windows(columns.log_return_N, bars).std(axis=1, ddof=1), least=1e-8)
