"""AR(1): the next target from the last one. On bars this is mostly the bounce between bid and ask."""

from __future__ import annotations

import numpy as np

from tailproof.arrays.products import dot


def last_return_forecast(last_N: np.ndarray, target_N: np.ndarray, later_last_N: np.ndarray) -> np.ndarray:
    """Least squares of the target on the last return, y = a + b x, and its forecasts of later rows.

    A price that bounces between bid and ask has b < 0: the last return is reversed (Roll 1984). The sign is fitted, not
    assumed. Give the last return through the target's own transform (ranks by default), so that fat tails do not
    decide the slope.

    Args:
        last_N: return of the bar that has just ended, of the training rows.
        target_N: what training rows learn.
        later_last_N: the same return of the rows to forecast.

    >>> last_return_forecast(np.array([0.0, 1.0]), np.array([1.0, 0.5]), np.array([0.5])).tolist()
    [0.75]
    """
    centred_N = last_N - last_N.mean()
    spread = dot(centred_N, centred_N)
    slope = dot(centred_N, target_N) / spread if spread > 0.0 else 0.0
    return np.asarray(target_N.mean() + slope * (later_last_N - last_N.mean()))
