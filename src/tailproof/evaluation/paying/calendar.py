"""Daily results as people read them: the fall below the highest point so far, and a table of months."""

from __future__ import annotations

import numpy as np

from tailproof.arrays.times import as_datetimes

YEAR = 365.25 * 86_400e9
"""Nanoseconds."""


def fall_from_peak(result_S: np.ndarray) -> np.ndarray:
    """Running result less its highest point so far (or its start): zero at a new high, else below zero.

    >>> fall_from_peak(np.array([2.0, -3.0, 1.0, 5.0])).tolist()
    [0.0, -3.0, -2.0, 0.0]
    """
    running_S = np.cumsum(result_S)
    return np.asarray(running_S - np.maximum.accumulate(np.maximum(running_S, 0.0)))


def days_a_year(known_at_N: np.ndarray, *, days: int) -> float:
    """Trading days of a year, from the first and the last time (int64 nanoseconds) of so many of them."""
    return days / max(float(known_at_N[-1] - known_at_N[0]) / YEAR, 1e-9)


def month_results(known_at_S: np.ndarray, result_S: np.ndarray) -> dict[str, float]:
    """Sum of the results of each calendar month (UTC) by its name, months without a day left out.

    >>> days_S = np.array(["2024-01-30", "2024-01-31", "2024-03-01"], dtype="datetime64[ns]").astype(np.int64)
    >>> month_results(days_S, np.array([1.0, 2.0, 5.0]))
    {'2024-01': 3.0, '2024-03': 5.0}
    """
    month_K, place_S = np.unique(as_datetimes(known_at_S).astype("datetime64[M]"), return_inverse=True)
    total_K = np.bincount(place_S, weights=result_S, minlength=len(month_K))
    return {str(month): float(total) for month, total in zip(month_K, total_K, strict=True)}
