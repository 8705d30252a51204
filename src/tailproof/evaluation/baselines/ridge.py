"""Ridge regression on the network's own features, its penalty chosen on the validation rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PENALTIES = (1e-6, 1e-4, 1e-2, 1e-1, 1.0, 10.0)
"""Candidates for the penalty, as a multiple of the number of training rows times the features' variance of 1."""


@dataclass(frozen=True, kw_only=True)
class Ridge:
    """Coefficients in units of the features' training means and standard deviations."""

    mean_F: np.ndarray
    scale_F: np.ndarray
    coefficient_F: np.ndarray
    intercept: float
    penalty: float

    def forecast(self, x_NF: np.ndarray) -> np.ndarray:
        """Forecasts (float64)."""
        slope_F = self.coefficient_F / self.scale_F
        return np.asarray(x_NF @ slope_F + (self.intercept - float(self.mean_F @ slope_F)))


def fit_ridge(
    x_NF: np.ndarray,
    target_N: np.ndarray,
    *,
    later_x_NF: np.ndarray,
    later_target_N: np.ndarray,
    penalties: tuple[float, ...] = PENALTIES,
) -> Ridge:
    """Minimise |y - a - Z b|² + penalty n |b|² with standardised features Z; the intercept a is not penalised.

    Hoerl and Kennard (1970). The penalty with the least squared error on the later rows is taken, or the smallest
    where there are none. Closed form from one eigendecomposition of Z'Z / n, so that a million rows cost one pass.

    >>> x = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> line = fit_ridge(x, 2.0 * x[:, 0], later_x_NF=x, later_target_N=2.0 * x[:, 0])
    >>> line.penalty, line.forecast(x).round(4).tolist()
    (1e-06, [0.0, 2.0, 4.0, 6.0])
    """
    rows = len(x_NF)
    centred_NF = x_NF.astype(np.float64)
    mean_F = centred_NF.mean(axis=0)
    centred_NF -= mean_F
    intercept = float(target_N.mean())
    moment_FF = centred_NF.T @ centred_NF / rows
    deviation_F = np.sqrt(moment_FF.diagonal())
    scale_F = np.where(deviation_F > 0.0, deviation_F, 1.0)
    eigenvalue_F, vector_FF = np.linalg.eigh(moment_FF / np.outer(scale_F, scale_F))
    projected_F = vector_FF.T @ (centred_NF.T @ (target_N - intercept) / rows / scale_F)
    fits = [
        Ridge(
            mean_F=mean_F,
            scale_F=scale_F,
            coefficient_F=vector_FF @ (projected_F / (np.maximum(eigenvalue_F, 0.0) + penalty)),
            intercept=intercept,
            penalty=penalty,
        )
        for penalty in sorted(penalties)
    ]
    if len(later_x_NF) == 0:
        return fits[0]
    errors = [float(np.mean((fit.forecast(later_x_NF) - later_target_N) ** 2)) for fit in fits]
    return fits[int(np.argmin(errors))]
