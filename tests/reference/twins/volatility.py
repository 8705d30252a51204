"""Volatility from closes and from ranges, written from the papers."""

from __future__ import annotations

import numpy as np
from tests.reference.twins.columns import ACROSS, Columns, before, quotient, smoothed, twin, windows


@twin("volatility_#")
def volatility(columns: Columns, bars: int) -> np.ndarray:
    """Sample standard deviation of the returns there are, at least five."""
    out_N = np.full(len(columns), np.nan)
    for row, window in enumerate(windows(columns.return_N, bars)):
        known = window[~np.isnan(window)]
        if len(known) >= 5:
            out_N[row] = known.std(ddof=1)
    return out_N


@twin("realised_#")
def realised(columns: Columns, bars: int) -> np.ndarray:
    return np.sqrt((windows(columns.log_return_N, bars) ** 2).mean(axis=1))


@twin("parkinson_#")
def parkinson(columns: Columns, bars: int) -> np.ndarray:
    """Parkinson (1980): ln(H/L)² / (4 ln 2)."""
    one_N = np.log(columns.high_N / columns.low_N) ** 2 / (4.0 * np.log(2.0))
    return np.sqrt(windows(one_N, bars).mean(axis=1))


@twin("garman_klass_#")
def garman_klass(columns: Columns, bars: int) -> np.ndarray:
    """Garman and Klass (1980), their practical estimator."""
    height_N, body_N = np.log(columns.high_N / columns.low_N), np.log(columns.close_N / columns.open_N)
    one_N = 0.5 * height_N**2 - (2.0 * np.log(2.0) - 1.0) * body_N**2
    return np.sqrt(np.maximum(windows(one_N, bars).mean(axis=1), 0.0))


def rogers_satchell_variance(columns: Columns) -> np.ndarray:
    """Rogers and Satchell (1991): ln(H/C) ln(H/O) + ln(L/C) ln(L/O)."""
    above_N = np.log(columns.high_N / columns.close_N) * np.log(columns.high_N / columns.open_N)
    below_N = np.log(columns.low_N / columns.close_N) * np.log(columns.low_N / columns.open_N)
    return above_N + below_N


@twin("rogers_satchell_#")
def rogers_satchell(columns: Columns, bars: int) -> np.ndarray:
    return np.sqrt(windows(rogers_satchell_variance(columns), bars).mean(axis=1))


@twin("yang_zhang_#")
def yang_zhang(columns: Columns, bars: int) -> np.ndarray:
    """Yang and Zhang (2000): overnight and open-to-close variances, and Rogers-Satchell, with alpha 1.34."""
    overnight_N = np.log(columns.open_N / before(columns.close_N, 1))
    day_N = np.log(columns.close_N / columns.open_N)
    k = 0.34 / (1.34 + (bars + 1) / (bars - 1))
    inside_N = windows(rogers_satchell_variance(columns), bars).mean(axis=1)
    variance_N = windows(overnight_N, bars).var(axis=1, ddof=1) + k * windows(day_N, bars).var(axis=1, ddof=1)
    return np.sqrt(variance_N + (1.0 - k) * inside_N)


@twin("ewma_volatility")
def ewma(columns: Columns) -> np.ndarray:
    """RiskMetrics (1996): s = 0.94 s + 0.06 r², from the first squared return."""
    return np.sqrt(smoothed(columns.return_N**2, period=1, weight=0.06, first=1))


@twin("volatility_ratio_#_#")
def volatility_ratio(columns: Columns, short: int, long: int) -> np.ndarray:
    return quotient(realised(columns, short), realised(columns, long), least=1e-8, rest=1.0)


@twin("volatility_of_volatility_#")
def volatility_of_volatility(columns: Columns, bars: int) -> np.ndarray:
    height_NB = windows(columns.high_N / columns.low_N - 1.0, bars)
    return quotient(height_NB.std(axis=1, ddof=1), height_NB.mean(axis=1), least=1e-8)


@twin("downside_share_#")
def downside_share(columns: Columns, bars: int) -> np.ndarray:
    """Barndorff-Nielsen, Kinnebrock and Shephard (2010): realised semivariance over realised variance."""
    return_NB = windows(columns.return_N, bars)
    falls_N = np.where(return_NB < 0.0, return_NB**2, return_NB * 0.0).sum(axis=1)
    return quotient(falls_N, (return_NB**2).sum(axis=1), least=1e-16)


@twin("atr_#")
def average_true_range(columns: Columns, bars: int) -> np.ndarray:
    """TA-Lib ATR: the first bar has no true range."""
    earlier_N = before(columns.close_N, 1)
    high_N, low_N = np.maximum(columns.high_N, earlier_N), np.minimum(columns.low_N, earlier_N)
    return smoothed(high_N - low_N, period=bars, weight=1.0 / bars, first=bars)


@twin("natr_#")
def normalised_true_range(columns: Columns, bars: int) -> np.ndarray:
    return 100.0 * average_true_range(columns, bars) / columns.close_N


def to_the_same_minute(amount_N: np.ndarray, columns: Columns, sessions: int, small: float) -> np.ndarray:
    """ln of an amount over its mean at the last bars of this New York minute, all within twenty sessions."""
    out_N = np.full(len(columns), np.nan)
    minute_N = columns.minute_N
    for minute in np.unique(minute_N):
        row_R = np.flatnonzero(minute_N == minute)
        for place in range(sessions, len(row_R)):
            row, earlier = row_R[place], row_R[place - sessions : place]
            if columns.session_N[row] - columns.session_N[earlier[0]] <= 20:
                out_N[row] = np.log((amount_N[row] + small) / (amount_N[earlier].mean() + small))
    return out_N


@twin("range_to_minute_#s", ACROSS)
def range_to_minute(columns: Columns, sessions: int) -> np.ndarray:
    spread_N = (columns.high_N - columns.low_N) / columns.close_N
    return to_the_same_minute(spread_N, columns, sessions, 1e-5)
