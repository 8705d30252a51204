"""Ridge regression on the network's own features, its penalty chosen on the validation rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tailproof.arrays.products import dot, one_blas_thread
from tailproof.arrays.scratch import blocks

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

    @property
    def slope_F(self) -> np.ndarray:
        """Coefficients in units of the features themselves."""
        return np.asarray(self.coefficient_F / self.scale_F)

    @property
    def level(self) -> float:
        """Forecast where every feature is 0."""
        return self.intercept - dot(self.mean_F, self.slope_F)

    @one_blas_thread()
    def forecast(self, x_NF: np.ndarray) -> np.ndarray:
        """Forecasts (float64)."""
        slope_F, level = self.slope_F, self.level
        forecast_N = np.empty(len(x_NF))
        for block in blocks(len(x_NF)):
            forecast_N[block] = x_NF[block] @ slope_F + level
        return forecast_N


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
    where there are none. Closed form from one eigendecomposition of Z'Z / n, summed up over blocks of rows.

    >>> x = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> line = fit_ridge(x, 2.0 * x[:, 0], later_x_NF=x, later_target_N=2.0 * x[:, 0])
    >>> line.penalty, line.forecast(x).round(4).tolist()
    (1e-06, [0.0, 2.0, 4.0, 6.0])
    """
    (line,) = fit_ridges(
        x_NF,
        target_N[:, np.newaxis],
        later_x_NF=later_x_NF,
        later_target_NT=later_target_N[:, np.newaxis],
        penalties=penalties,
    )
    return line


@one_blas_thread()
def fit_ridges(
    x_NF: np.ndarray,
    target_NT: np.ndarray,
    *,
    later_x_NF: np.ndarray,
    later_target_NT: np.ndarray,
    penalties: tuple[float, ...] = PENALTIES,
) -> tuple[Ridge, ...]:
    """``fit_ridge`` of each target column on the same features, which are summed up once for all."""
    rows, columns = target_NT.shape
    mean_F = x_NF.mean(axis=0, dtype=np.float64)
    intercepts = [float(target_NT[:, column].mean(dtype=np.float64)) for column in range(columns)]
    product_FF, product_TF = np.zeros((len(mean_F), len(mean_F))), np.zeros((columns, len(mean_F)))
    for block in blocks(rows):
        centred_RF = x_NF[block] - mean_F
        product_FF += centred_RF.T @ centred_RF
        for column, intercept in enumerate(intercepts):
            product_TF[column] += centred_RF.T @ (target_NT[block, column] - intercept)
    deviation_F = np.sqrt(np.diag(product_FF) / rows)
    scale_F = np.where(deviation_F > 0.0, deviation_F, 1.0)
    eigenvalue_F, vector_FF = np.linalg.eigh(product_FF / np.outer(scale_F, scale_F) / rows)

    def fitted(column: int) -> Ridge:
        projected_F = vector_FF.T @ (product_TF[column] / scale_F / rows)
        fits = [
            Ridge(
                mean_F=mean_F,
                scale_F=scale_F,
                coefficient_F=vector_FF @ (projected_F / (np.maximum(eigenvalue_F, 0.0) + penalty)),
                intercept=intercepts[column],
                penalty=penalty,
            )
            for penalty in sorted(penalties)
        ]
        if len(later_x_NF) == 0:
            return fits[0]
        errors = [float(np.mean((fit.forecast(later_x_NF) - later_target_NT[:, column]) ** 2)) for fit in fits]
        return fits[int(np.argmin(errors))]

    return tuple(fitted(column) for column in range(columns))
