"""Is one forecast's loss lower than another's, by more than chance?"""

from __future__ import annotations

import math

import numpy as np

from tailproof.arrays.products import dot
from tailproof.core.verdict import Test
from tailproof.statistics.distributions import student_cdf
from tailproof.statistics.newey_west import long_run_variance


def diebold_mariano(other_loss_N: np.ndarray, loss_N: np.ndarray, *, horizon: int) -> Test:
    """Diebold and Mariano's test with the small-sample correction of Harvey, Leybourne and Newbold (1997).

    With d = loss of the other - loss, mean m and autocovariances gamma_k of d up to lag h - 1 (forecast errors h steps
    ahead overlap that far): DM = m / sqrt((gamma_0 + 2 sum gamma_k) / n), times
    sqrt((n + 1 - 2 h + h (h - 1) / n) / n), against Student's t with n - 1 degrees of freedom, two-sided. Above zero
    where ``loss_N`` is lower. Where the sum of autocovariances is not positive, Bartlett weights (Newey and West 1987)
    take its place, as Diebold and Mariano (1995, section 1.1) suggest. NaN where the losses never differ, and where the
    horizon is not shorter than the series, which then holds no two errors that do not overlap.

    Assumes that loss differences further than h - 1 rows apart are uncorrelated. Volatility comes in clusters and
    violates that; the interval of ``skill`` in a verdict, resampled in sessions, does not assume it.

    >>> other, loss = np.array([4.0, 2.0, 5.0, 3.0]), np.array([3.0, 2.0, 3.0, 2.0])
    >>> test = diebold_mariano(other, loss, horizon=1)
    >>> round(test.statistic, 4), round(test.p_value, 4)
    (2.4495, 0.0917)
    """
    difference_N = other_loss_N - loss_N
    rows = len(difference_N)
    if rows < 2 or horizon >= rows:
        return Test(statistic=math.nan, p_value=math.nan)
    lags = horizon - 1
    residual_N = difference_N - difference_N.mean()
    variance = dot(residual_N, residual_N) / rows
    for lag in range(1, min(lags, rows - 1) + 1):
        variance += 2.0 * dot(residual_N[lag:], residual_N[:-lag]) / rows
    if variance <= 0.0:
        variance = long_run_variance(difference_N, lags=lags)
    correction = (rows + 1.0 - 2.0 * horizon + horizon * (horizon - 1.0) / rows) / rows
    if variance <= 0.0 or correction <= 0.0:
        return Test(statistic=math.nan, p_value=math.nan)
    statistic = float(difference_N.mean()) / math.sqrt(variance / rows) * math.sqrt(correction)
    return Test(statistic=statistic, p_value=2.0 * student_cdf(-abs(statistic), freedom=rows - 1))
