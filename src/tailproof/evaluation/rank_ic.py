"""Information coefficient: the Spearman rank correlation of forecast and realised return."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import rankdata

from tailproof.core.verdict import RankIC

FEWEST_GROUPS = 10


def spearman(first_N: np.ndarray, second_N: np.ndarray) -> float:
    """Pearson correlation of average ranks (Spearman 1904); NaN where one of the two is constant.

    >>> round(spearman(np.array([1.0, 2.0, 3.0]), np.array([10.0, 30.0, 20.0])), 6)
    0.5
    """
    return float(np.mean(_rank_products(first_N, second_N)))


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
    product_N = _rank_products(prediction_N, return_N)
    pooled = float(product_N.mean())
    starts = np.flatnonzero(np.r_[True, group_N[1:] != group_N[:-1]])
    sum_G = np.add.reduceat(product_N, starts)
    size_G = np.diff(np.r_[starts, len(product_N)])
    value_G, groups = sum_G / size_G, len(starts)
    error = 1.0 / math.sqrt(len(product_N) - 1)
    if groups >= FEWEST_GROUPS:
        error = math.sqrt(groups / (groups - 1) * float(np.sum((sum_G - pooled * size_G) ** 2))) / len(product_N)
    return RankIC(
        pooled=pooled,
        standard_error=error,
        mean_by_group=float(value_G.mean()),
        t_by_group=_t_statistic(value_G),
        groups=groups,
        share_above_zero=float((value_G > 0.0).mean()),
    )


def _rank_products(first_N: np.ndarray, second_N: np.ndarray) -> np.ndarray:
    """Product of the two standardised ranks of each row; NaN throughout where one side is constant."""
    return np.asarray(_standard_ranks(first_N) * _standard_ranks(second_N))


def _standard_ranks(values_N: np.ndarray) -> np.ndarray:
    rank_N = rankdata(values_N)
    rank_N -= rank_N.mean()
    spread = float(rank_N.std())
    return np.asarray(rank_N / spread) if spread > 0.0 else np.full(len(rank_N), np.nan)


def _t_statistic(value_G: np.ndarray) -> float:
    """Mean over its standard error; NaN for fewer than two groups or none that differ."""
    spread = float(value_G.std(ddof=1)) if len(value_G) > 1 else 0.0
    return float(value_G.mean()) / spread * math.sqrt(len(value_G)) if spread > 0.0 else float("nan")
