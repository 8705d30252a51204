"""Where the tenths of a figure lie."""

from __future__ import annotations

import numpy as np


def middle_percentiles(rows_G: np.ndarray) -> np.ndarray:
    """Where the middle row of each group lies among all rows, in percent.

    >>> middle_percentiles(np.array([10, 30])).tolist()
    [12.5, 62.5]
    """
    return np.asarray((np.cumsum(rows_G) - rows_G / 2.0) / rows_G.sum() * 100.0)
