"""Does a forecast depend on rows that come later? ``predict`` is given the rows of a whole test at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tailproof.statistics.permutation import Predict

TOLERANCE = 1e-4
"""Differences below this share of the forecasts' spread are rounding: batches of other sizes are summed otherwise."""
WINDOW = 512
CUTS = 64
SPLITS = 4
"""A row whose forecast needs one other row, whichever, changes in one of so many splits with 15 of 16 chances."""


@dataclass(frozen=True, kw_only=True)
class LookAhead:
    """A forecast that changed when later rows were taken away."""

    row: int
    whole: float
    without: float


def look_ahead(predict: Predict, x_RF: np.ndarray, *, random: np.random.Generator) -> LookAhead | None:
    """The first row found whose forecast needs rows after it; None where there is none.

    First the rows are forecast in random halves. Most models forecast each row by itself: then nothing changes, for no
    row, and the question is answered. Of the rows that changed, ``CUTS`` are forecast twice, in the middle of a window
    and as the last row of it, where nothing later can be seen. Earlier rows may be used.
    """
    whole_R = predict(x_RF)
    bound = TOLERANCE * float(np.std(whole_R)) + 1e-6 * float(np.abs(whole_R).max())
    changed_R = np.zeros(len(x_RF), dtype=bool)
    for _ in range(SPLITS):
        half_R = random.random(len(x_RF)) < 0.5
        for chosen_R in (half_R, ~half_R):
            if chosen_R.any():
                changed_R[chosen_R] |= np.abs(predict(x_RF[chosen_R]) - whole_R[chosen_R]) > bound
    row_C = np.flatnonzero(changed_R)
    first = min(WINDOW, len(x_RF)) // 2  # a model may need some rows to begin with
    row_C = row_C[row_C >= first]
    for row in np.sort(random.permutation(row_C)[:CUTS]).tolist():
        start = row - first
        shown_R = predict(x_RF[start : start + WINDOW])[: first + 1]
        early_R = predict(x_RF[start : row + 1])
        differs_R = np.abs(early_R - shown_R) > bound
        if differs_R.any():
            at = int(np.argmax(differs_R))
            return LookAhead(row=start + at, whole=float(shown_R[at]), without=float(early_R[at]))
    return None
