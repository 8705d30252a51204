"""Does a forecast depend on rows that come later? ``predict`` is given the rows of a whole test at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tailproof.arrays.ranges import ceil_div

Forecasts = Callable[[np.ndarray], np.ndarray]
"""Maps rows in time order to one forecast each."""
TOLERANCE = 1e-4
"""Differences below this share of the forecasts' spread are rounding: batches of other sizes are summed otherwise."""
WINDOW = 512
CUTS = 64


@dataclass(frozen=True, kw_only=True)
class LookAhead:
    """A forecast that changed when later rows were taken away."""

    row: int
    whole: float
    without: float


def look_ahead(forecasts: Forecasts, x_RF: np.ndarray, *, random: np.random.Generator) -> LookAhead | None:
    """The first row found whose forecast needs rows after it; None where there is none.

    First the rows are forecast in two random halves. Most models forecast each row by itself: then nothing changes, for
    no row, and the question is answered. Of a model that looks at other rows too, each forecast is compared with the
    one that it gives before later rows are there, at ``CUTS`` rows of the second half of a random window. Earlier rows
    may be used.
    """
    whole_R = forecasts(x_RF)
    bound = TOLERANCE * float(np.std(whole_R)) + 1e-6 * float(np.abs(whole_R).max())
    half_R = random.random(len(x_RF)) < 0.5
    halves = [chosen_R for chosen_R in (half_R, ~half_R) if chosen_R.any()]
    if all(np.abs(forecasts(x_RF[chosen_R]) - whole_R[chosen_R]).max() <= bound for chosen_R in halves):
        return None
    start = int(random.integers(0, max(len(x_RF) - WINDOW, 0) + 1))
    window_RF = x_RF[start : start + WINDOW]
    shown_R = forecasts(window_RF)
    first = ceil_div(len(window_RF), 2)  # a model may need some rows to begin with
    ends = first + random.permutation(len(window_RF) - first)[:CUTS]
    for end in np.sort(ends).tolist():
        early_R = forecasts(window_RF[:end])
        changed_R = np.abs(early_R - shown_R[:end]) > bound
        if changed_R.any():
            row = int(np.argmax(changed_R))
            return LookAhead(row=start + row, whole=float(shown_R[row]), without=float(early_R[row]))
    return None
