"""Means by group with standard errors that allow for rows of one session moving together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tailproof.core.estimate import NORMAL_95
from tailproof.statistics.bootstrap import MIN_GROUPS


@dataclass(frozen=True, kw_only=True)
class GroupMeans:
    """One value per group, with a 95 % interval (NaN where a group has too few sessions for one)."""

    mean_G: np.ndarray
    low_G: np.ndarray
    high_G: np.ndarray
    rows_G: np.ndarray
    clusters_G: np.ndarray


def group_means(value_N: np.ndarray, group_N: np.ndarray, cluster_N: np.ndarray, *, groups: int) -> GroupMeans:
    """Mean of the values of each group 0 .. groups - 1; ``cluster_N`` holds integers without large gaps.

    The variance of a mean is that of its residuals summed inside each cluster (Liang and Zeger 1986), with the
    correction clusters / (clusters - 1); the interval is normal.

    >>> means = group_means(np.array([1.0, 3.0, 5.0]), np.array([0, 0, 1]), np.array([0, 1, 1]), groups=2)
    >>> means.mean_G.tolist(), means.rows_G.tolist()
    ([2.0, 5.0], [2, 1])
    """
    rows_G = np.bincount(group_N, minlength=groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_G = np.bincount(group_N, weights=value_N, minlength=groups) / rows_G
    cluster_N = cluster_N - cluster_N.min()
    clusters = int(cluster_N.max()) + 1
    pair_N = group_N * clusters + cluster_N
    sum_GC = np.bincount(pair_N, weights=value_N - mean_G[group_N], minlength=groups * clusters)
    clusters_G = np.count_nonzero(np.bincount(pair_N, minlength=groups * clusters).reshape(groups, clusters), axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        correction_G = clusters_G / (clusters_G - 1)
        error_G = np.sqrt(correction_G * (sum_GC.reshape(groups, clusters) ** 2).sum(axis=1)) / rows_G
    error_G[clusters_G < MIN_GROUPS] = np.nan
    return GroupMeans(
        mean_G=mean_G,
        low_G=mean_G - NORMAL_95 * error_G,
        high_G=mean_G + NORMAL_95 * error_G,
        rows_G=rows_G,
        clusters_G=clusters_G,
    )
