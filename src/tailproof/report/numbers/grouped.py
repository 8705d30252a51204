"""Means by group with standard errors that allow for rows of one session moving together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NORMAL_95 = 1.959964
FEWEST_CLUSTERS = 10
"""Fewer sessions than this give no interval worth drawing."""


@dataclass(frozen=True, kw_only=True)
class GroupMeans:
    """One value a group, with a 95 % interval (NaN where a group has too few sessions for one)."""

    mean_G: np.ndarray
    low_G: np.ndarray
    high_G: np.ndarray
    rows_G: np.ndarray
    clusters_G: np.ndarray


def group_means(value_N: np.ndarray, group_N: np.ndarray, cluster_N: np.ndarray, *, groups: int) -> GroupMeans:
    """Mean of the values of each group 0 .. groups - 1.

    The variance of a mean is that of its residuals summed inside each cluster (Liang and Zeger 1986), with the
    correction clusters / (clusters - 1); the interval is normal.

    >>> means = group_means(np.array([1.0, 3.0, 5.0]), np.array([0, 0, 1]), np.array([0, 1, 1]), groups=2)
    >>> means.mean_G.tolist(), means.rows_G.tolist()
    ([2.0, 5.0], [2, 1])
    """
    rows_G = np.bincount(group_N, minlength=groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_G = np.bincount(group_N, weights=value_N, minlength=groups) / rows_G
    residual_N = value_N - mean_G[group_N]
    _, cluster = np.unique(cluster_N, return_inverse=True)
    pair_N = group_N.astype(np.int64) * (int(cluster.max(initial=0)) + 1) + cluster
    pair_P, pair = np.unique(pair_N, return_inverse=True)
    sum_P = np.bincount(pair, weights=residual_N)
    owner_P = pair_P // (int(cluster.max(initial=0)) + 1)
    clusters_G = np.bincount(owner_P, minlength=groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        correction_G = clusters_G / (clusters_G - 1)
        error_G = np.sqrt(correction_G * np.bincount(owner_P, weights=sum_P**2, minlength=groups)) / rows_G
    error_G[clusters_G < FEWEST_CLUSTERS] = np.nan
    return GroupMeans(
        mean_G=mean_G,
        low_G=mean_G - NORMAL_95 * error_G,
        high_G=mean_G + NORMAL_95 * error_G,
        rows_G=rows_G,
        clusters_G=clusters_G,
    )
