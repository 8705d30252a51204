"""The same forecasts, one bar late: skill that does not survive that was the bounce between bid and ask."""

from __future__ import annotations

import numpy as np


def one_bar_late(session_N: np.ndarray) -> np.ndarray:
    """Rows whose next row belongs to the same session (int64): forecast row t is then judged on the return of t + 1.

    A close that printed at the bid is likely to be followed by one at the ask. That return is real in the data and can
    be forecast from the last one, but nobody can trade it, as the fill comes at the other side of the spread. From the
    next bar's close on, the bounce is over (Roll 1984; Jegadeesh 1990 skips a day for the same reason).

    >>> one_bar_late(np.array([0, 0, 0, 1, 1])).tolist()
    [0, 1, 3]
    """
    return np.flatnonzero(session_N[1:] == session_N[:-1])
