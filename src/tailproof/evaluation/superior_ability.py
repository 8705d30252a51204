"""Is the best of several forecasts better than a benchmark, when the best was picked after seeing them all?"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

REPLICATIONS = 1000


def superior_ability(
    benchmark_G: np.ndarray, losses_G: Mapping[str, np.ndarray], *, mean_block: float, rng: np.random.Generator
) -> float:
    """p-value of Hansen's test of superior predictive ability (2005), the consistent one, by ``arch``.

    The hypothesis is that none of the forecasts has a lower expected loss than the benchmark. Losses are sums of each
    group of rows (sessions, months), so that the bootstrap draws whole groups. Forecasts that never differ from the
    benchmark are left out; NaN where none is left. Where all others did worse than the benchmark the p-value is 1: the
    statistic is floored at zero (Hansen's equation 6), and then nothing speaks against the hypothesis.

    Notes:
        ``arch`` takes the largest mean of the differences as they are; Hansen's statistic divides each by its standard
        error, without which the forecast with the wildest losses decides alone. So differences are divided before
        they are handed over, by the standard deviation that the bootstrap itself has.

    >>> rng = np.random.default_rng(0)
    >>> benchmark = rng.normal(size=200)
    >>> superior_ability(benchmark, {"better": benchmark - 1.0 + rng.normal(size=200)}, mean_block=1.0, rng=rng)
    0.0
    >>> superior_ability(benchmark, {"worse": benchmark + 1.0 + rng.normal(size=200)}, mean_block=1.0, rng=rng)
    1.0
    """
    gains = [benchmark_G - loss_G for loss_G in losses_G.values()]
    block = max(1, round(mean_block))
    gain_GK = np.stack([gain_G for gain_G in gains if np.ptp(gain_G) > 0.0] or [np.empty(0)], axis=1)
    if not gain_GK.size:
        return math.nan
    gain_GK /= np.sqrt(bootstrap_variance(gain_GK, mean_block=block))
    if not (gain_GK.mean(axis=0) > 0.0).any():
        return 1.0
    from arch.bootstrap import SPA

    test = SPA(np.zeros(len(gain_GK)), -gain_GK, block_size=block, reps=REPLICATIONS, seed=rng)
    test.compute()
    return float(test.pvalues["consistent"])


def bootstrap_variance(values_GK: np.ndarray, *, mean_block: int) -> np.ndarray:
    """Variance of a stationary bootstrap's mean, times the number of groups (Politis and Romano 1994, lemma 1).

    >>> bootstrap_variance(np.array([[1.0], [2.0], [3.0], [4.0]]), mean_block=1).tolist()
    [1.25]
    """
    groups = len(values_GK)
    centred_GK = values_GK - values_GK.mean(axis=0)
    variance_K = (centred_GK**2).mean(axis=0)
    follow = 1.0 - 1.0 / mean_block
    for lag in range(1, groups if follow > 0.0 else 1):
        weight = (1.0 - lag / groups) * follow**lag + lag / groups * follow ** (groups - lag)
        variance_K += 2.0 * weight * (centred_GK[lag:] * centred_GK[:-lag]).sum(axis=0) / groups
    return np.asarray(variance_K)
