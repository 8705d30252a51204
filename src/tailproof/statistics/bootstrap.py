"""Intervals by stationary block bootstrap over groups of rows (sessions, or months of daily bars).

Rows inside a session depend on one another through volatility, and sessions on their neighbours, so whole sessions are
drawn, in blocks of random length (Politis and Romano 1994). Every figure of a verdict is a function of sums over rows;
its replicate is the same function of the drawn sessions' sums. A million rows are thus summed once, not once a
replicate, and all figures see the same draws, so that their differences are paired.

Notes:
    Ranks are those of the whole sample: replicates do not rank anew. For a rank correlation the terms this leaves out
    vanish under independence (Hájek projection; van der Vaart 1998, example 13.12), and at the ICs that bars give
    they are far below the sampling error; ``tests/unit/statistics/test_bootstrap.py`` measures it.
"""

from __future__ import annotations

import math

import numpy as np

from tailproof.arrays.products import one_blas_thread
from tailproof.core.verdict import Interval
from tailproof.statistics.distributions import normal_cdf, student_quantile

MIN_GROUPS = 10
"""Minimum number of groups for an interval."""


@one_blas_thread()
def resampled_sums(sum_GC: np.ndarray, *, replications: int, mean_block: float, rng: np.random.Generator) -> np.ndarray:
    """Totals (replications, C) over drawn groups, from C sums of each group (NaN sums give NaN totals).

    >>> rng = np.random.default_rng(0)
    >>> resampled_sums(np.ones((20, 1)), replications=3, mean_block=2.0, rng=rng).ravel().tolist()
    [20.0, 20.0, 20.0]
    """
    groups, columns = sum_GC.shape
    total_BC = np.empty((replications, columns))
    for replicate in range(replications):
        drawn_G = stationary_draw(groups, mean_block=mean_block, rng=rng)
        total_BC[replicate] = np.bincount(drawn_G, minlength=groups) @ sum_GC
    return total_BC


def stationary_draw(groups: int, *, mean_block: float, rng: np.random.Generator) -> np.ndarray:
    """Numbers of the groups that one replicate draws (int64), as many as there are.

    Each follows the one before it, the first the last, but with probability 1 / ``mean_block`` a new block starts
    anywhere: blocks of geometric length (Politis and Romano 1994). The draws are those of ``arch``, to the last.

    >>> stationary_draw(5, mean_block=1e9, rng=np.random.default_rng(0)).tolist()
    [4, 0, 1, 2, 3]
    """
    place_G = np.arange(groups)
    start_G = rng.integers(groups, size=groups)
    begins_G = rng.random(groups) <= 1.0 / mean_block
    begins_G[0] = True
    begin_G = np.maximum.accumulate(np.where(begins_G, place_G, 0))
    return np.asarray((start_G[begin_G] + place_G - begin_G) % groups)


def percentile_interval(value: float, replicate_B: np.ndarray, *, independent: float, level: float = 0.95) -> Interval:
    """The expanded percentile interval of Hesterberg (2015, section 5.3).

    Plain percentiles are too narrow for few draws, as if z were used for t without the n - 1: the levels are moved to
    Phi(-sqrt(n / (n - 1)) t_{n-1}), where n = ``independent`` is the number of groups over the mean block length.
    """
    if not math.isfinite(value) or not np.isfinite(replicate_B).all() or independent < 2.0:
        return no_interval(value)
    n = independent
    tail = normal_cdf(math.sqrt(n / (n - 1.0)) * student_quantile((1.0 - level) / 2.0, freedom=n - 1.0))
    low, high = np.quantile(replicate_B, [tail, 1.0 - tail])
    error = float(replicate_B.std(ddof=1)) * math.sqrt(n / (n - 1.0))
    return Interval(value=value, low=float(low), high=float(high), standard_error=error)


def no_interval(value: float) -> Interval:
    """A figure whose interval is not known."""
    return Interval(value=value, low=math.nan, high=math.nan, standard_error=math.nan)
