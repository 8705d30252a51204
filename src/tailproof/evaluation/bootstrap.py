"""Intervals by stationary block bootstrap over groups of rows (sessions, or months of daily bars).

Rows inside a session depend on one another through volatility, and sessions on their neighbours, so whole sessions are
drawn, in blocks of random length (Politis and Romano 1994). Every figure of a verdict is a function of sums over rows;
its replicate is the same function of the drawn sessions' sums. A million rows are thus summed once, not once a
replicate, and all figures see the same draws, so that their differences are paired.

Notes:
    Ranks are those of the whole sample: replicates do not rank anew. For a rank correlation the terms this leaves out
    vanish under independence (Hájek projection; van der Vaart 1998, example 13.12), and at the ICs that bars give
    they are far below the sampling error; ``tests/unit/evaluation/test_bootstrap.py`` measures it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from tailproof.core.verdict import Interval

FEWEST_GROUPS = 10
"""With fewer groups to draw from, no interval is given."""
FEWEST_TO_ESTIMATE = 20
"""With fewer groups the block length is not estimated: autocorrelations of so few say nothing."""


def block_length(score_G: np.ndarray) -> float:
    """Mean block length that suits a series of group scores: at least 1, at most a fifth of the groups.

    Politis and White (2004) as corrected by Patton, Politis and White (2009), by ``arch``. Below 20 groups, or where
    their rule gives no number, the cube root of the number of groups; 1 for a series that does not vary.
    """
    groups = len(score_G)
    if not np.ptp(score_G) > 0.0:
        return 1.0
    estimate = math.nan
    if groups >= FEWEST_TO_ESTIMATE:
        from arch.bootstrap import optimal_block_length

        with np.errstate(divide="ignore", invalid="ignore"):  # stretches of equal scores have no autocorrelation
            estimate = float(optimal_block_length(score_G)["stationary"].iloc[0])
    if not math.isfinite(estimate):
        estimate = groups ** (1.0 / 3.0)
    return min(max(1.0, estimate), max(1.0, groups / 5.0))


def resampled_sums(
    sums: Mapping[str, np.ndarray], *, replications: int, mean_block: float, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Totals over drawn groups, one value a replicate, for named sums of each group (NaN sums give NaN totals).

    >>> rng = np.random.default_rng(0)
    >>> totals = resampled_sums({"a": np.ones(20)}, replications=3, mean_block=2.0, rng=rng)
    >>> totals["a"].tolist()
    [20.0, 20.0, 20.0]
    """
    from arch.bootstrap import StationaryBootstrap

    names = list(sums)
    table_GK = np.stack([sums[name] for name in names], axis=1)
    groups = len(table_GK)
    total_BK = np.empty((replications, len(names)))
    # arch draws with probability 1 / mean_block: a fraction is as good as a whole number
    draws = StationaryBootstrap(mean_block, np.arange(groups), seed=rng).bootstrap(replications)  # type: ignore[arg-type]
    for replicate, ((drawn,), _) in enumerate(draws):
        total_BK[replicate] = np.bincount(drawn, minlength=groups) @ table_GK
    return {name: total_BK[:, column] for column, name in enumerate(names)}


def percentile_interval(value: float, replicate_B: np.ndarray, *, independent: float, level: float = 0.95) -> Interval:
    """The expanded percentile interval of Hesterberg (2015, section 5.3).

    Plain percentiles are too narrow for few draws, as if z were used for t without the n - 1: the levels are moved to
    Phi(-sqrt(n / (n - 1)) t_{n-1}), where n = ``independent`` is the number of groups over the mean block length.
    """
    if not math.isfinite(value) or not np.isfinite(replicate_B).all() or independent < 2.0:
        return no_interval(value)
    n = independent
    tail = float(norm.cdf(math.sqrt(n / (n - 1.0)) * student.ppf((1.0 - level) / 2.0, n - 1.0)))
    low, high = np.quantile(replicate_B, [tail, 1.0 - tail])
    error = float(replicate_B.std(ddof=1)) * math.sqrt(n / (n - 1.0))
    return Interval(value=value, low=float(low), high=float(high), standard_error=error)


def no_interval(value: float) -> Interval:
    """A figure whose interval is not known."""
    return Interval(value=value, low=math.nan, high=math.nan, standard_error=math.nan)
