"""The price at which a decision is filled: never the close it was made on."""

from __future__ import annotations

import numpy as np


def fill_prices(
    open_B: np.ndarray, close_B: np.ndarray, stretch_B: np.ndarray, bar_N: np.ndarray, *, bars_late: int = 0
) -> np.ndarray:
    """Price (float64) at which an order of each row trades: the open of the next bar, or ``bars_late`` bars after it.

    A row is known at the close of its bar, so the next bar's open is the first price that an order can get. Where the
    stretch has no such bar any more, it is the stretch's last close.

    Args:
        open_B: open of every bar.
        close_B: close of every bar.
        stretch_B: stretch of every bar over which a position can be held (``core/stretches.py``).
        bar_N: the bar of each row.
        bars_late: 0 for the next bar's open, 1 for the one after it.

    >>> bars = np.array([10.0, 11.0, 12.0, 20.0]), np.array([10.5, 11.5, 12.5, 20.5]), np.array([0, 0, 0, 1])
    >>> fill_prices(*bars, np.array([0, 1, 2])).tolist(), fill_prices(*bars, np.array([0, 1]), bars_late=1).tolist()
    ([11.0, 12.0, 12.5], [12.0, 12.5])
    """
    ends = np.flatnonzero(np.r_[stretch_B[1:] != stretch_B[:-1], True])
    last_N = ends[np.searchsorted(ends, bar_N)]
    wanted_N = bar_N + 1 + bars_late
    inside_N = wanted_N <= last_N
    return np.where(inside_N, open_B[np.minimum(wanted_N, last_N)], close_B[last_N]).astype(np.float64)
