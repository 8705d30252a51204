"""Information coefficient: the Spearman rank correlation of forecast and realised return."""

from __future__ import annotations

import math

import numpy as np

from tailproof.core.verdict import RankIC
from tailproof.statistics.bootstrap import MIN_GROUPS
from tailproof.statistics.groups import Groups
from tailproof.statistics.newey_west import t_of_mean
from tailproof.statistics.ranks import rank_products


def spearman(first_N: np.ndarray, second_N: np.ndarray) -> float:
    """Pearson correlation of average ranks (Spearman 1904); NaN where one of the two is constant.

    >>> round(spearman(np.array([1.0, 2.0, 3.0]), np.array([10.0, 30.0, 20.0])), 6)
    0.5
    """
    return float(np.mean(rank_products(first_N, second_N)))


def rank_ic(prediction_N: np.ndarray, return_N: np.ndarray, group_N: np.ndarray) -> RankIC:
    """Rank IC pooled and by group of consecutive rows (sessions, or months of daily bars).

    The IC of a group is the mean over its rows of z_prediction x z_return, with ranks standardised over *all* rows, so
    that the groups' ICs average to the pooled one. Ranking inside each group instead would demean inside each group,
    and a forecast that leans on past returns then correlates with the next one by about -1/rows of the group even on a
    random walk (Marriott and Pope 1954; Kendall 1954): on months of daily bars that bias is larger than any honest IC.

    The standard error of the pooled IC allows for dependence inside groups (cluster-robust: Liang and Zeger 1986)
    where there are at least 10 groups, and is 1 / sqrt(rows - 1) otherwise.

    >>> known = np.arange(40.0)
    >>> round(rank_ic(known, known, np.arange(40) // 4).pooled, 6)
    1.0
    """
    return rank_ic_of_products(rank_products(prediction_N, return_N), Groups.of(group_N))


def rank_ic_of_products(product_N: np.ndarray, groups: Groups) -> RankIC:
    """The same from the rows' rank products."""
    pooled = float(product_N.mean())
    sum_G, size_G = groups.sums(product_N), groups.sizes
    value_G, count = sum_G / size_G, len(groups)
    error = 1.0 / math.sqrt(len(product_N) - 1)
    if count >= MIN_GROUPS:
        error = math.sqrt(count / (count - 1) * float(np.sum((sum_G - pooled * size_G) ** 2))) / len(product_N)
    spread = float(value_G.std(ddof=1)) if count > 1 else 0.0
    return RankIC(
        pooled=pooled,
        standard_error=error,
        mean_by_group=float(value_G.mean()),
        t_by_group=t_of_mean(value_G),
        ratio=float(value_G.mean()) / spread if spread > 0.0 else math.nan,
        groups=count,
        share_above_zero=float((value_G > 0.0).mean()),
    )
