"""Does a forecast mean what it says?"""

from __future__ import annotations

import numpy as np

from tailproof.arrays.products import dot
from tailproof.core.verdict import CalibrationDecile
from tailproof.statistics.deciles import decile_edges
from tailproof.statistics.group_means import group_means
from tailproof.statistics.groups import Groups


def slope_from_sums(
    rows: np.ndarray, prediction: np.ndarray, target: np.ndarray, squared: np.ndarray, product: np.ndarray
) -> np.ndarray:
    """Least-squares slope of target on prediction from sums over rows, one value per set of sums.

    1 where forecasts are calibrated, below 1 where they are too bold, 0 where they know nothing (Mincer and Zarnowitz
    1969). NaN where the prediction never varies.

    >>> x, y = np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.5, 2.0])
    >>> float(slope_from_sums(np.array(3.0), x.sum(), y.sum(), x @ x, x @ y))
    0.5
    """
    variance = squared - prediction**2 / rows
    covariance = product - prediction * target / rows
    varies = variance > 1e-12 * np.abs(squared)
    return np.asarray(np.where(varies, covariance / np.where(varies, variance, 1.0), np.nan))


def slope_of(prediction_N: np.ndarray, target_N: np.ndarray) -> float:
    """The slope of ``slope_from_sums`` from the rows themselves.

    >>> slope_of(np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.5, 2.0]))
    0.5
    """
    squared, product = dot(prediction_N, prediction_N), dot(prediction_N, target_N)
    rows = np.array(float(len(target_N)))
    return float(slope_from_sums(rows, prediction_N.sum(), target_N.sum(), np.array(squared), np.array(product)))


def decile_table(
    prediction_N: np.ndarray, target_N: np.ndarray, return_N: np.ndarray, clusters: Groups
) -> tuple[CalibrationDecile, ...]:
    """Means over the tenths of the rows by rising forecast; equal forecasts are kept in one tenth.

    Intervals let the rows of one cluster move together (``group_means``).

    >>> forecast = np.arange(100.0)
    >>> table = decile_table(forecast, forecast, forecast - 49.5, Groups.of(np.arange(100) // 5))
    >>> len(table), table[0].prediction, table[9].target, table[9].share_up
    (10, 4.5, 94.5, 1.0)
    """
    edge_K = decile_edges(prediction_N)
    decile_N = np.searchsorted(edge_K, prediction_N)
    moved_N = return_N != 0.0
    count_K = np.bincount(decile_N, minlength=len(edge_K) + 1)
    moved_K, up_K = (
        np.bincount(decile_N, weights=flag_N.astype(np.float64), minlength=len(count_K))
        for flag_N in (moved_N, return_N > 0.0)
    )
    prediction_K, target_K, return_K = (
        np.bincount(decile_N, weights=values_N, minlength=len(count_K))
        for values_N in (prediction_N, target_N, return_N)
    )
    cluster_N = np.repeat(np.arange(len(clusters)), clusters.sizes)
    target, realised = (
        group_means(values_N, decile_N, cluster_N, groups=len(count_K)) for values_N in (target_N, return_N)
    )
    return tuple(
        CalibrationDecile(
            rows=int(count_K[k]),
            prediction=float(prediction_K[k] / count_K[k]),
            target=float(target_K[k] / count_K[k]),
            mean_return=float(return_K[k] / count_K[k]),
            share_up=float(up_K[k] / moved_K[k]) if moved_K[k] > 0.0 else float("nan"),
            target_low=float(target.low_G[k]),
            target_high=float(target.high_G[k]),
            return_low=float(realised.low_G[k]),
            return_high=float(realised.high_G[k]),
        )
        for k in np.flatnonzero(count_K)
    )
