"""Forecasts drawn toward a constant by the share that has the least loss on rows that trained nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tailproof.objectives.losses import row_losses
from tailproof.objectives.objective import Objective

STEPS = 200
"""The slope is a multiple of 1 / STEPS: finer than any validation window can tell, and the same on every processor."""


@dataclass(frozen=True, kw_only=True)
class Shrinkage:
    """The affine map that makes a forecast as bold as it may be: ``center + slope (forecast - center)``.

    A network trained on a weak signal in noise says too much: its forecasts spread further from the constant than the
    truth does. James and Stein (1961) shrink estimates toward a point; here the loss itself chooses the factor.

    >>> Shrinkage(slope=0.5, center=0.5).apply(np.array([0.4, 0.5, 0.7], dtype=np.float32)).tolist()
    [0.44999998807907104, 0.5, 0.6000000238418579]
    """

    slope: float = 1.0
    center: float = 0.0

    def apply(self, forecast_N: np.ndarray) -> np.ndarray:
        """Forecasts of any shape as bold as they may be, in the precision in which they were given."""
        if self.slope == 1.0:
            return forecast_N
        center, slope = forecast_N.dtype.type(self.center), forecast_N.dtype.type(self.slope)
        return np.asarray(center + slope * (forecast_N - center))


NO_SHRINKAGE = Shrinkage()
"""Leaves every forecast as it is."""


def fit_shrinkage(
    objective: Objective, forecast_R: np.ndarray, target_R: np.ndarray, *, center: float, least: float = 0.05
) -> Shrinkage:
    """The slope in [``least``, 1] with the least mean loss; 1 where there are no rows.

    The loss is convex in the slope, so that a binary search over its steps finds the least. A slope of 0 would throw
    the order of the forecasts away, which costs nothing to keep: hence ``least``.

    Args:
        objective: whose loss is meant.
        forecast_R: (rows,) forecasts of rows that no weight was fitted on; they must not be judged afterwards.
        target_R: (rows,) what came true, known when the last of these labels ended.
        center: the best constant of the training rows.
        least: the smallest slope.

    >>> target = np.array([0.2, 0.8, 0.4, 0.6])
    >>> bold = 0.5 + 4.0 * (target - 0.5)
    >>> fit_shrinkage(Objective(loss="huber", delta=0.1), bold, target, center=0.5).slope
    0.25
    """
    if not len(forecast_R):
        return Shrinkage(slope=1.0, center=center)

    def loss(step: int) -> float:
        return float(row_losses(objective, center + step / STEPS * (forecast_R - center), target_R).mean())

    low, high = round(least * STEPS), STEPS
    while low < high:
        middle = (low + high) // 2
        if loss(middle + 1) < loss(middle):
            low = middle + 1
        else:
            high = middle
    return Shrinkage(slope=low / STEPS, center=center)
