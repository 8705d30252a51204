"""The block length of a bootstrap, from the autocorrelation of the resampled values."""

from __future__ import annotations

import math

import numpy as np

from tailproof.arrays.products import dot

MIN_TO_ESTIMATE = 20
"""Minimum number of groups for an estimate: autocorrelations of fewer say nothing."""


def block_length(score_G: np.ndarray) -> float:
    """Mean block length that suits a series of group scores: at least 1, at most a fifth of the groups.

    Below 20 groups, or where the rule gives no number, the cube root of the number of groups; 1 for a series that does
    not vary.
    """
    groups = len(score_G)
    if not np.ptp(score_G) > 0.0:
        return 1.0
    estimate = automatic_block_length(score_G) if groups >= MIN_TO_ESTIMATE else math.nan
    if not math.isfinite(estimate):
        estimate = groups ** (1.0 / 3.0)
    return min(max(1.0, estimate), max(1.0, groups / 5.0))


def automatic_block_length(value_N: np.ndarray) -> float:
    """The mean block of a stationary bootstrap with the least mean squared error, in the limit of many values.

    Politis and White (2004, section 3.2) as corrected by Patton, Politis and White (2009): with autocovariances r_k and
    the flat-top window w(t) = 1 up to t = 1/2, then 2 (1 - t),

        b = (G² n / s⁴)^(1/3),   G = 2 sum_k w(k/M) k r_k,   s² = r_0 + 2 sum_k w(k/M) r_k

    over lags k = 1 to M. M is twice the first lag after which K = max(5, log10 n) autocorrelations in a row are
    smaller than 2 sqrt(log10 n / n). At most the smaller of 3 sqrt(n) and n / 3. NaN where stretches of equal values
    have no autocorrelation.

    Notes:
        ``arch.bootstrap.optimal_block_length`` is the same rule; importing it takes longer than training a network.
    """
    rows = len(value_N)
    deviation_N = value_N - value_N.mean()
    in_a_row = max(5, int(math.log10(rows)))
    most = math.ceil(math.sqrt(rows)) + in_a_row
    covariance_L, correlation_L = _autocovariances(deviation_N, lags=most)
    small_L = correlation_L < 2.0 * math.sqrt(math.log10(rows) / rows)
    runs = (lag for lag in range(most + 1 - in_a_row) if small_L[lag : lag + in_a_row].all())
    last = next(runs, None)
    lags = most if last is None else min(2 * max(last, 1), most)
    lag_L = np.arange(1, lags + 1)
    window_L = np.minimum(1.0, 2.0 * (1.0 - lag_L / lags))
    tilt = 2.0 * dot(window_L, lag_L * covariance_L[1 : lags + 1])
    variance = float(covariance_L[0]) + 2.0 * dot(window_L, covariance_L[1 : lags + 1])
    if not variance**2 > 0.0:
        return math.nan
    best: float = (tilt**2 / variance**2 * rows) ** (1.0 / 3.0)
    return min(best, math.ceil(min(3.0 * math.sqrt(rows), rows / 3.0)))


def _autocovariances(deviation_N: np.ndarray, *, lags: int) -> tuple[np.ndarray, np.ndarray]:
    """Autocovariances of lags 0 to ``lags``, and the size of the autocorrelations of the rows that both sides have."""
    rows = len(deviation_N)
    product_L = np.array([dot(deviation_N[lag:], deviation_N[: rows - lag]) for lag in range(lags + 1)])
    later_L = np.array([dot(deviation_N[lag + 1 :], deviation_N[lag + 1 :]) for lag in range(lags + 1)])
    earlier_L = np.array([dot(deviation_N[: -(lag + 1)], deviation_N[: -(lag + 1)]) for lag in range(lags + 1)])
    with np.errstate(divide="ignore", invalid="ignore"):
        return product_L / rows, np.abs(product_L) / np.sqrt(later_L * earlier_L)
