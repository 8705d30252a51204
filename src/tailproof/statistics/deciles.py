"""Values in tenths."""

from __future__ import annotations

import numpy as np

DECILES = 10


def decile_edges(values_N: np.ndarray) -> np.ndarray:
    """Inner edges (float64) of ten bins that hold a tenth of the values each; fewer where values repeat.

    >>> decile_edges(np.arange(11.0)).round(9).tolist()
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
    """
    return np.unique(np.quantile(values_N, np.linspace(0.0, 1.0, DECILES + 1)[1:-1]))


def deciles(values_N: np.ndarray) -> tuple[np.ndarray, int]:
    """The tenth of each value, 0 for the lowest, and how many tenths there are.

    Equal values share a tenth, so that there may be fewer than ten.

    >>> deciles(np.arange(20.0))[0].tolist()[:5], deciles(np.ones(20))[1]
    ([0, 0, 1, 1, 2], 1)
    """
    _, decile_N = np.unique(np.searchsorted(decile_edges(values_N), values_N), return_inverse=True)
    return decile_N, int(decile_N.max()) + 1
