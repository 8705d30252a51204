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

    def undo(self, forecast_N: np.ndarray) -> np.ndarray:
        """Forecasts as they were before ``apply``, up to rounding; the slope must not be 0.

        >>> Shrinkage(slope=0.5, center=0.5).undo(np.array([0.45, 0.6])).tolist()
        [0.4, 0.7]
        """
        return np.asarray(self.center + (forecast_N - self.center) / self.slope)


NO_SHRINKAGE = Shrinkage()
"""Leaves every forecast as it is."""


def fit_shrinkage(
    objective: Objective,
    forecast_R: np.ndarray,
    target_R: np.ndarray,
    *,
    center: float,
    expected: float = 0.85,
    give: float = 0.1,
    least: float = 0.05,
) -> Shrinkage:
    """The slope in [``least``, 1] that is most likely after the rows, if it was ``expected`` give or take ``give``.

    Some thousand rows with a weak signal hardly tell a good slope from a bad one: the slope with the least loss on them
    costs more than it gains. It is therefore the maximum of the posterior under a normal prior: the summed loss, in
    units of what it varies by, plus (slope - expected)² / (2 give²). Nets trained on weak signals are some 1.2 times
    as bold as they should be, hence the expected value. Without any rows nothing is known, and the slope is 1.

    The sum is convex in the slope, so that a binary search over its steps finds the least. A slope of 0 would throw
    the order of the forecasts away, which costs nothing to keep: hence ``least``.

    Args:
        objective: whose loss is meant.
        forecast_R: (rows,) forecasts of rows that no weight was fitted on; they must not be judged afterwards.
        target_R: (rows,) what came true, known when the last of these labels ended.
        center: the best constant of the training rows.
        expected: the slope that forecasts of this kind have had before.
        give: standard deviation of the slope about it; infinite where the rows alone are to decide.
        least: the smallest slope.

    >>> target = np.array([0.2, 0.8, 0.4, 0.6])
    >>> bold = 0.5 + 4.0 * (target - 0.5)
    >>> fit_shrinkage(Objective(loss="huber", delta=0.1), bold, target, center=0.5, give=np.inf).slope
    0.25
    """
    if not len(forecast_R):
        return Shrinkage(slope=1.0, center=center)
    unit = unit_of_loss(objective, forecast_R - center, target_R - center)

    def cost(step: int) -> float:
        slope = step / STEPS
        loss = float(row_losses(objective, center + slope * (forecast_R - center), target_R).sum())
        return loss + unit * (slope - expected) ** 2 / (2.0 * give**2)

    low, high = round(least * STEPS), STEPS
    while low < high:
        middle = (low + high) // 2
        if cost(middle + 1) < cost(middle):
            low = middle + 1
        else:
            high = middle
    return Shrinkage(slope=low / STEPS, center=center)


def unit_of_loss(objective: Objective, deviation_R: np.ndarray, target_R: np.ndarray) -> float:
    """What a summed loss has to be divided by to be minus a log-likelihood, as far as its errors tell.

    That is the variance of the loss's derivative over its mean second derivative: a log-likelihood's two are equal
    (Huber 1967, "The behavior of maximum likelihood estimates under nonstandard conditions"). Twice the variance of the
    errors for their square, for instance. Derivatives are differences over the size of the forecasts' deviations.
    """
    size = float(np.sqrt(np.mean(deviation_R**2)))
    if size == 0.0:
        return 0.0
    below_R, at_R, above_R = (
        row_losses(objective, np.full(len(target_R), shift), target_R) for shift in (-size, 0.0, size)
    )
    slope_R, curvature = (above_R - below_R) / (2.0 * size), float(np.mean(above_R - 2.0 * at_R + below_R)) / size**2
    return float(np.var(slope_R)) / curvature if curvature > 0.0 else 0.0
