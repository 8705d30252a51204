"""Redundant features: clusters of rank correlation, variance inflation."""

from __future__ import annotations

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from tailproof.arrays.products import one_blas_thread

TWINS = 0.7
"""Features whose ranks correlate by more than this on average fall into one cluster."""
SINGULAR = 1e-6


@one_blas_thread()
def rank_correlation(rank_NF: np.ndarray) -> np.ndarray:
    """Spearman correlation of all pairs (F, F), from standardised ranks; 1 on the diagonal."""
    correlation_FF = np.asarray(rank_NF.T @ rank_NF, dtype=np.float64) / len(rank_NF)
    np.fill_diagonal(correlation_FF, 1.0)
    return np.clip(correlation_FF, -1.0, 1.0)


def clusters(correlation_FF: np.ndarray) -> np.ndarray:
    """Cluster of each feature (int64 from 0, in the order of their first feature): average linkage on 1 - |rho|.

    >>> clusters(np.array([[1.0, 0.9, 0.1], [0.9, 1.0, 0.1], [0.1, 0.1, 1.0]])).tolist()
    [0, 0, 1]
    """
    if len(correlation_FF) == 1:
        return np.zeros(1, dtype=np.int64)
    distance_FF = 1.0 - np.abs(correlation_FF)
    distance_FF = (distance_FF + distance_FF.T) / 2.0
    np.fill_diagonal(distance_FF, 0.0)
    tree = linkage(squareform(distance_FF, checks=False), method="average")
    label_F = fcluster(tree, t=1.0 - TWINS, criterion="distance")
    _, first_F, inverse_F = np.unique(label_F, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first_F))
    return np.asarray(order[inverse_F], dtype=np.int64)


@one_blas_thread()
def variance_inflation(correlation_FF: np.ndarray) -> np.ndarray:
    """VIF of each feature (F,): the diagonal of the inverse correlation matrix; infinite where others determine it.

    1 / (1 - R²) of the regression on all others (Belsley, Kuh and Welsch 1980), on ranks.

    >>> variance_inflation(np.array([[1.0, 0.6], [0.6, 1.0]])).round(4).tolist()
    [1.5625, 1.5625]
    """
    value_E, vector_FE = np.linalg.eigh(correlation_FF)
    kept_E = value_E > SINGULAR
    vif_F = (vector_FE[:, kept_E] ** 2 / value_E[kept_E]).sum(axis=1)
    determined_F = (vector_FE[:, ~kept_E] ** 2).sum(axis=1) > SINGULAR
    return np.where(determined_F, np.inf, vif_F)
