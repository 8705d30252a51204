"""The losses in NumPy, row by row, for evaluation; the engines have their own compiled ones."""

from __future__ import annotations

import numpy as np

from tailproof.objectives.objective import Objective


def huber(error_N: np.ndarray, *, delta: float) -> np.ndarray:
    """0.5 e² where |e| <= delta, else delta (|e| - 0.5 delta); e = prediction - target.

    >>> huber(np.array([0.05, -0.3]), delta=0.1).round(6).tolist()
    [0.00125, 0.025]
    """
    size_N = np.abs(error_N)
    return np.where(size_N <= delta, 0.5 * error_N**2, delta * (size_N - 0.5 * delta))


def row_losses(objective: Objective, prediction_N: np.ndarray, target_N: np.ndarray) -> np.ndarray:
    """Loss of each row (float64) for objectives of one output."""
    error_N = prediction_N.astype(np.float64) - target_N
    match objective.loss:
        case "huber":
            return huber(error_N, delta=objective.delta)
        case "mse":
            return np.asarray(error_N**2)
        case "pinball":
            (quantile,) = objective.quantiles
            return np.asarray(np.maximum(-quantile * error_N, (1.0 - quantile) * error_N))


def best_constant(objective: Objective, target_N: np.ndarray) -> float:
    """The constant prediction with the least mean loss on ``target_N``: what a network must beat.

    The mean for ``mse``, the quantile for ``pinball``; for ``huber`` the root of the mean residual clipped to ±delta
    (Huber 1964, equation 1.5).

    >>> round(best_constant(Objective(loss="huber", delta=0.1), np.linspace(0.0, 1.0, 101)), 9)
    0.5
    """
    match objective.loss:
        case "mse":
            return float(np.mean(target_N))
        case "pinball":
            return float(np.quantile(target_N, objective.quantiles[0]))
        case "huber":
            return _huber_centre(target_N, delta=objective.delta)


def _huber_centre(target_N: np.ndarray, *, delta: float) -> float:
    """Newton's method on the mean clipped residual, whose slope is the share of residuals inside ±delta."""
    target_N = np.ascontiguousarray(target_N, dtype=np.float64)  # in single precision the steps would not settle
    residual_N, size_N = np.empty_like(target_N), np.empty_like(target_N)  # fresh memory each time would cost as much
    centre = float(np.median(target_N))
    low, high = float(np.min(target_N)), float(np.max(target_N))
    for _ in range(100):
        np.subtract(target_N, centre, out=residual_N)
        inside = int(np.count_nonzero(np.abs(residual_N, out=size_N) <= delta)) / len(target_N)
        pull = float(np.mean(np.clip(residual_N, -delta, delta, out=residual_N)))
        low, high = (centre, high) if pull > 0.0 else (low, centre)
        step = centre + pull / inside if inside > 0.0 else (low + high) / 2.0
        step = step if low <= step <= high else (low + high) / 2.0
        if abs(step - centre) <= 1e-12 * max(1.0, abs(centre)):
            return step
        centre = step
    return centre
