"""Groups of rows that a figure is also computed for one by one."""

from __future__ import annotations

import numpy as np


def group_numbers(session_N: np.ndarray, known_at_N: np.ndarray, *, daily: bool) -> np.ndarray:
    """The session of each row, or for daily bars its calendar month (int64, rising with time)."""
    if not daily:
        return session_N.astype(np.int64)
    return known_at_N.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
