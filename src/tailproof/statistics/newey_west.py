"""A mean and its standard error when neighbours are alike."""

from __future__ import annotations

import math

import numpy as np

from tailproof.arrays.products import dot


def automatic_lags(values: int) -> int:
    """floor(4 (n / 100)^(2/9)), the rule of thumb of Newey and West (1994).

    >>> automatic_lags(100), automatic_lags(1000)
    (4, 6)
    """
    return int(4.0 * (values / 100.0) ** (2.0 / 9.0))


def long_run_variance(values_N: np.ndarray, *, lags: int) -> float:
    """gamma_0 + 2 sum_k (1 - k / (lags + 1)) gamma_k with autocovariances gamma_k around the mean, divided by n.

    The Bartlett weights keep it from being negative (Newey and West 1987, equation 5).

    >>> long_run_variance(np.array([1.0, -1.0, 1.0, -1.0]), lags=0)
    1.0
    """
    residual_N = values_N - values_N.mean()
    rows = len(residual_N)
    variance = dot(residual_N, residual_N) / rows
    for lag in range(1, min(lags, rows - 1) + 1):
        variance += 2.0 * (1.0 - lag / (lags + 1.0)) * dot(residual_N[lag:], residual_N[:-lag]) / rows
    return variance


def t_of_mean(values_N: np.ndarray, *, lags: int | None = None) -> float:
    """Mean over its Newey-West standard error; NaN for fewer than two values or none that differ.

    The variance is multiplied by n / (n - 1), so that without lags it is the usual t.
    ``lags`` is set by ``automatic_lags`` where it is None.

    >>> round(t_of_mean(np.array([1.0, 2.0, 3.0]), lags=0), 4)
    3.4641
    """
    rows = len(values_N)
    if rows < 2:
        return math.nan
    variance = long_run_variance(values_N, lags=automatic_lags(rows) if lags is None else lags) / (rows - 1)
    return float(values_N.mean()) / math.sqrt(variance) if variance > 0.0 else math.nan
