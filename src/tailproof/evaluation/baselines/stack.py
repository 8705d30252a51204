"""The network, ridge and LightGBM weighted together, by rows that trained none of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np

from tailproof.objectives import Objective, row_losses, unit_of_loss

STACK = "stack"
STACKED = ("network", "ridge", "LightGBM")
STEPS = 12
"""A weight is a multiple of 1 / STEPS: finer than any validation window can tell, and the same on every processor."""


def fit_stack(
    objective: Objective,
    forecasts: Mapping[str, np.ndarray],
    target_R: np.ndarray,
    *,
    center: float,
    give: float = 0.25,
) -> dict[str, float]:
    """The non-negative weights of sum 1 that are most likely after the rows, if they were equal give or take ``give``.

    Weights with the least loss on some thousand rows of a weak signal cost more than they gain (Bates and Granger 1969;
    Smith and Wallis 2009): they are therefore the maximum of the posterior under a normal prior, as the slope of
    ``fit_shrinkage`` is: the summed loss, in units of what it varies by, plus the sum of (weight - equal)² / (2 give²).
    Without any rows they are equal.

    Args:
        objective: whose loss is meant.
        forecasts: (rows,) forecasts by name; no weight of a forecaster was fitted on these rows.
        target_R: (rows,) what came true; these rows must not be judged afterwards.
        center: the best constant of the training rows.
        give: standard deviation of each weight about the equal one; infinite where the rows alone are to decide.

    >>> target = np.array([0.2, 0.8, 0.4, 0.6])
    >>> both = {"good": target, "bad": 1.0 - target}
    >>> fit_stack(Objective(loss="huber", delta=0.1), both, target, center=0.5, give=np.inf)
    {'good': 1.0, 'bad': 0.0}
    """
    equal = 1.0 / len(forecasts)
    if not len(target_R):
        return dict.fromkeys(forecasts, equal)
    mean_R = stacked(dict.fromkeys(forecasts, equal), forecasts)
    unit = unit_of_loss(objective, mean_R - center, target_R - center)

    def cost(weights: dict[str, float]) -> tuple[float, float]:
        loss = float(row_losses(objective, stacked(weights, forecasts), target_R).sum())
        far = sum((weight - equal) ** 2 for weight in weights.values())
        return loss + unit * far / (2.0 * give**2), far

    return min(_simplex(tuple(forecasts)), key=cost)


def stacked(weights: Mapping[str, float], forecasts: Mapping[str, np.ndarray]) -> np.ndarray:
    """The weighted mean (float64) of the forecasts that ``weights`` names, added up in that order."""
    return np.asarray(sum(weight * forecasts[name].astype(np.float64) for name, weight in weights.items()))


def _simplex(names: tuple[str, ...]) -> Iterator[dict[str, float]]:
    """All weights in steps of 1 / STEPS whose sum is 1."""
    for steps in product(range(STEPS + 1), repeat=len(names)):
        if sum(steps) == STEPS:
            yield {name: step / STEPS for name, step in zip(names, steps, strict=True)}
