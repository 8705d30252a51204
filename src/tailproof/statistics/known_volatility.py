"""The expected variation of each row's return, from what was known at the time of the row."""

from __future__ import annotations

import numpy as np

ROWS = 50
"""Earlier returns that a row's volatility is taken from."""
FLOOR = 0.1
"""Share of the mean absolute return of all rows that is added, so that a quiet stretch does not decide everything."""


def weights_of_known_volatility(return_N: np.ndarray, known_at_N: np.ndarray, label_end_N: np.ndarray) -> np.ndarray:
    """One over the squared mean absolute return of the latest 50 rows whose returns had ended (float64).

    Weights have a mean of about 1. A row before which no return had ended, and every row where returns never vary, has
    weight 0. No weight depends on its own row's return or on a later one but by one factor common to all: what has
    mean zero given what was known keeps mean zero when it is weighted.

    Args:
        return_N: returns in the order in which rows became known.
        known_at_N: when each row is known, nanoseconds, rising.
        label_end_N: when each row's return has ended, nanoseconds, rising.

    >>> minute_N = np.arange(4)
    >>> weights_of_known_volatility(np.array([1.0, -1.0, 1.0, 1.0]), minute_N, minute_N + 1).round(6).tolist()
    [0.0, 1.0, 1.0, 1.0]
    """
    size_N = np.abs(return_N)
    usual = float(size_N.mean())
    if not usual > 0.0:
        return np.zeros(len(return_N))
    total_E = np.r_[0.0, np.cumsum(size_N / usual)]
    ended_N = np.searchsorted(label_end_N, known_at_N, side="right")
    first_N = np.maximum(ended_N - ROWS, 0)
    mean_N = (total_E[ended_N] - total_E[first_N]) / np.maximum(ended_N - first_N, 1)
    return np.asarray(np.where(ended_N > 0, ((1.0 + FLOOR) / (mean_N + FLOOR)) ** 2, 0.0))
