"""The sums over each group that every interval of a verdict is made of."""

from __future__ import annotations

import numpy as np

from tailproof.core.records import Forecast
from tailproof.evaluation.delay import one_bar_late
from tailproof.evaluation.groups import Groups
from tailproof.objectives.losses import row_losses
from tailproof.objectives.objective import Objective
from tailproof.statistics.ranks import rank_products, standard_ranks

MODEL, CONSTANT, ZERO = "model", "constant", "zero"


def forecaster_sums(
    name: str,
    prediction_N: np.ndarray,
    forecast: Forecast,
    return_rank_N: np.ndarray,
    objective: Objective,
    groups: Groups,
) -> dict[str, np.ndarray]:
    """Loss, squared error and rank products of one forecaster, summed over each group."""
    return {
        f"{name} loss": groups.sums(row_losses(objective, prediction_N, forecast.target_N)),
        f"{name} squared": groups.sums((prediction_N - forecast.target_N) ** 2),
        f"{name} rank product": groups.sums(standard_ranks(prediction_N) * return_rank_N),
    }


def calibration_sums(prediction_N: np.ndarray, target_N: np.ndarray, groups: Groups) -> dict[str, np.ndarray]:
    """Moments of forecast and target, centred first so that their differences keep their digits."""
    x_N, y_N = prediction_N - prediction_N.mean(), target_N - target_N.mean()
    return {
        "prediction": groups.sums(x_N),
        "target": groups.sums(y_N),
        "prediction squared": groups.sums(x_N**2),
        "prediction target": groups.sums(x_N * y_N),
    }


def direction_sums(said_up_N: np.ndarray, return_N: np.ndarray, groups: Groups) -> dict[str, np.ndarray]:
    """Counts of the two by two table of forecast and realised direction, over rows that moved."""
    moved_N, up_N = return_N != 0.0, return_N > 0.0
    return {
        "moved": groups.sums(moved_N),
        "up": groups.sums(up_N),
        "said up": groups.sums(moved_N & said_up_N),
        "hits": groups.sums(moved_N & (said_up_N == up_N)),
    }


def late_sums(forecast: Forecast, groups: Groups) -> dict[str, np.ndarray]:
    """Rank products of forecasts with the returns of one bar later, and their number."""
    row_L = one_bar_late(forecast.session_N)
    product_N, used_N = np.zeros(len(forecast.return_N)), np.zeros(len(forecast.return_N))
    if len(row_L):
        product_N[row_L] = rank_products(forecast.prediction_N[row_L], forecast.return_N[row_L + 1])
        used_N[row_L] = 1.0
    return {"late rank product": groups.sums(product_N), "late rows": groups.sums(used_N)}
