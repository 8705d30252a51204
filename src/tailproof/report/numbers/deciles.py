"""Rows in tenths by rising forecast."""

from __future__ import annotations

import numpy as np

DECILES = 10


def deciles(prediction_N: np.ndarray) -> tuple[np.ndarray, int]:
    """The tenth of each row, 0 for the lowest forecasts, and how many tenths there are.

    Equal forecasts share a tenth, so that there may be fewer than ten.

    >>> deciles(np.arange(20.0))[0].tolist()[:5], deciles(np.ones(20))[1]
    ([0, 0, 1, 1, 2], 1)
    """
    edge_K = np.unique(np.quantile(prediction_N, np.linspace(0.0, 1.0, DECILES + 1)[1:-1]))
    _, decile_N = np.unique(np.searchsorted(edge_K, prediction_N), return_inverse=True)
    return decile_N, int(decile_N.max()) + 1


def middle_percentiles(rows_G: np.ndarray) -> np.ndarray:
    """Where the middle row of each group lies among all rows, in percent.

    >>> middle_percentiles(np.array([10, 30])).tolist()
    [12.5, 62.5]
    """
    return np.asarray((np.cumsum(rows_G) - rows_G / 2.0) / rows_G.sum() * 100.0)
