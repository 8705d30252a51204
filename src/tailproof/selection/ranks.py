"""Ranks over all rows, standardised, and what is summed over groups of them."""

from __future__ import annotations

import numpy as np

from tailproof.arrays.ranges import ceil_div
from tailproof.statistics import ranks


def standard_ranks(values_NF: np.ndarray) -> np.ndarray:
    """Average ranks of each column over all rows, with mean 0 and standard deviation 1; 0 for a constant (float32).

    Ranks inside short groups would demean inside each, and a feature that leans on past returns then correlates with
    the next one by about -1 / rows of the group even on a random walk (Marriott and Pope 1954; Kendall 1954).

    >>> standard_ranks(np.array([[1.0], [5.0], [9.0]])).round(3).ravel().tolist()
    [-1.225000023841858, 0.0, 1.225000023841858]
    """
    rank_NF = np.empty(values_NF.shape, dtype=np.float32)
    for column in range(values_NF.shape[1]):
        rank_NF[:, column] = np.nan_to_num(ranks.standard_ranks(values_NF[:, column]))
    return rank_NF


def group_sums(values_NF: np.ndarray, group_N: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums of each group of consecutive rows, (G, F) float64, and the rows of each group (G,)."""
    starts = np.flatnonzero(np.r_[True, group_N[1:] != group_N[:-1]])
    sum_GF = np.add.reduceat(values_NF.astype(np.float64, copy=False), starts, axis=0)
    return sum_GF, np.diff(np.r_[starts, len(group_N)])


def block_picks(groups: int, *, draws: int, random: np.random.Generator) -> np.ndarray:
    """How often each group is picked in each draw of the circular block bootstrap, (draws, groups) float64.

    Blocks of round(groups ** (1/3)) consecutive groups (Politis and Romano 1992; the rate of Hall, Horowitz and Jing
    1995), as many as make up the sample.
    """
    length = max(1, round(groups ** (1 / 3)))
    count = ceil_div(groups, length)
    start_DB = random.integers(0, groups, size=(draws, count))
    member_DG = ((start_DB[:, :, None] + np.arange(length)) % groups).reshape(draws, -1)[:, :groups]
    flat = (np.arange(draws)[:, None] * groups + member_DG).ravel()
    return np.bincount(flat, minlength=draws * groups).reshape(draws, groups).astype(np.float64)
