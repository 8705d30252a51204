"""Range estimators written from their papers, window by window."""

from __future__ import annotations

import numpy as np


def parkinson(open_N: np.ndarray, high_N: np.ndarray, low_N: np.ndarray, close_N: np.ndarray, n: int) -> float:
    """Parkinson (1980), last n bars."""
    return float(np.sqrt(np.mean(np.log(high_N[-n:] / low_N[-n:]) ** 2) / (4.0 * np.log(2.0))))


def garman_klass(open_N: np.ndarray, high_N: np.ndarray, low_N: np.ndarray, close_N: np.ndarray, n: int) -> float:
    """Garman and Klass (1980), their practical estimator."""
    height_N, body_N = np.log(high_N[-n:] / low_N[-n:]), np.log(close_N[-n:] / open_N[-n:])
    return float(np.sqrt(np.mean(0.5 * height_N**2 - (2.0 * np.log(2.0) - 1.0) * body_N**2)))


def rogers_satchell(open_N: np.ndarray, high_N: np.ndarray, low_N: np.ndarray, close_N: np.ndarray, n: int) -> float:
    """Rogers and Satchell (1991): ln(H/C) ln(H/O) + ln(L/C) ln(L/O)."""
    first_N, top_N, bottom_N, last_N = open_N[-n:], high_N[-n:], low_N[-n:], close_N[-n:]
    above_N = np.log(top_N / last_N) * np.log(top_N / first_N)
    return float(np.sqrt(np.mean(above_N + np.log(bottom_N / last_N) * np.log(bottom_N / first_N))))


def yang_zhang(open_N: np.ndarray, high_N: np.ndarray, low_N: np.ndarray, close_N: np.ndarray, n: int) -> float:
    """Yang and Zhang (2000): overnight and open-to-close variances, and Rogers-Satchell, with alpha 1.34."""
    overnight_N = np.log(open_N[-n:] / close_N[-n - 1 : -1])
    day_N = np.log(close_N[-n:] / open_N[-n:])
    k = 0.34 / (1.34 + (n + 1) / (n - 1))
    inside = rogers_satchell(open_N, high_N, low_N, close_N, n) ** 2
    return float(np.sqrt(overnight_N.var(ddof=1) + k * day_N.var(ddof=1) + (1 - k) * inside))
