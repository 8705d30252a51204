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
    benchmark are left out; NaN where none is left.

    >>> rng = np.random.default_rng(0)
    >>> benchmark = rng.normal(size=200)
    >>> superior_ability(benchmark, {"better": benchmark - 1.0 + rng.normal(size=200)}, mean_block=1.0, rng=rng)
    0.0
    """
    differing = [loss_G for loss_G in losses_G.values() if np.ptp(benchmark_G - loss_G) > 0.0]
    if not differing:
        return math.nan
    from arch.bootstrap import SPA

    test = SPA(
        benchmark_G, np.stack(differing, axis=1), block_size=max(1, round(mean_block)), reps=REPLICATIONS, seed=rng
    )
    test.compute()
    return float(test.pvalues["consistent"])
