"""Ranks, standardised: the mean of their products is the rank IC."""

from __future__ import annotations

import numpy as np


def average_ranks(values_N: np.ndarray) -> np.ndarray:
    """Ranks from 0 (float64), equal values sharing the mean of theirs; ``scipy.stats.rankdata(values) - 1``, faster.

    >>> average_ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist()
    [2.5, 0.0, 2.5, 1.0]
    """
    order_N = np.argsort(values_N)
    sorted_N = values_N[order_N]
    first_N = np.r_[True, sorted_N[1:] != sorted_N[:-1]]
    rank_N = np.empty(len(values_N))
    if first_N.all():
        rank_N[order_N] = np.arange(len(values_N))
        return rank_N
    start_K = np.flatnonzero(first_N)
    size_K = np.diff(np.r_[start_K, len(values_N)])
    rank_N[order_N] = np.repeat(start_K + (size_K - 1) / 2.0, size_K)
    return rank_N


def standard_ranks(values_N: np.ndarray) -> np.ndarray:
    """Average ranks with mean 0 and standard deviation 1; NaN throughout where the values are all equal."""
    rank_N = average_ranks(values_N)
    rank_N -= rank_N.mean()
    spread = float(rank_N.std())
    return np.asarray(rank_N / spread) if spread > 0.0 else np.full(len(rank_N), np.nan)


def rank_products(first_N: np.ndarray, second_N: np.ndarray) -> np.ndarray:
    """Product of the two standardised ranks of each row; its mean is Spearman's coefficient (Spearman 1904).

    Ranks are those among all rows, so that any groups of rows average to the whole; why they are not taken inside each
    group is explained in ``evaluation/rank_ic.py``. All NaN where one side is constant.

    >>> round(float(rank_products(np.array([1.0, 2.0, 3.0]), np.array([10.0, 30.0, 20.0])).mean()), 6)
    0.5
    """
    return np.asarray(standard_ranks(first_N) * standard_ranks(second_N))


def standard_rank_columns(values_NF: np.ndarray) -> np.ndarray:
    """Standard ranks of each column over all rows (float32); 0 throughout for a constant column.

    Ranks inside short groups would demean inside each, and a feature that leans on past returns then correlates with
    the next one by about -1 / rows of the group even on a random walk (Marriott and Pope 1954; Kendall 1954).

    >>> standard_rank_columns(np.array([[1.0], [5.0], [9.0]])).round(3).ravel().tolist()
    [-1.225000023841858, 0.0, 1.225000023841858]
    """
    rank_NF = np.empty(values_NF.shape, dtype=np.float32)
    for column in range(values_NF.shape[1]):
        rank_NF[:, column] = np.nan_to_num(standard_ranks(values_NF[:, column]))
    return rank_NF
