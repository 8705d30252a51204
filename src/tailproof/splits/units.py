"""The units a split counts in: rows, sessions or months."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from tailproof.arrays.times import as_datetimes
from tailproof.core.choices import check_choice
from tailproof.core.errors import DataError

Unit = Literal["rows", "sessions", "months"]


def unit_edges(known_at_N: np.ndarray, session_N: np.ndarray, unit: Unit) -> np.ndarray:
    """First row of each unit, and the number of rows at the end (int64).

    Months are calendar months, UTC, of ``known_at``.

    >>> unit_edges(np.arange(6), np.array([0, 0, 0, 1, 1, 4]), "sessions").tolist()
    [0, 3, 5, 6]

    Raises:
        ConfigError: the unit is none of these.
        DataError: session numbers fall from one row to the next, so that a session is no range of rows.
    """
    check_choice("unit", unit, get_args(Unit))
    rows = len(known_at_N)
    if unit == "rows":
        return np.arange(rows + 1)
    label_N = session_N if unit == "sessions" else as_datetimes(known_at_N).astype("datetime64[M]")
    label_N = label_N.astype(np.int64)
    step_N = np.diff(label_N)
    if (step_N < 0).any():
        raise DataError(
            f"to split by {unit}, their numbers must not fall, but they do after row "
            f"{int(np.argmax(step_N < 0))}. Split by rows or months."
        )
    return np.asarray(np.r_[0, np.flatnonzero(step_N) + 1, rows])
