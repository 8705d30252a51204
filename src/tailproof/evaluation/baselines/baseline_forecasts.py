"""The baselines of one fold that take no time to fit."""

from __future__ import annotations

import numpy as np

from tailproof.evaluation.baselines.last_return import last_return_forecast
from tailproof.evaluation.baselines.ridge import fit_ridge

LAST_RETURN = "last return"
"""A line fitted on the last return. A verdict of skill must beat it, and ``REVERSAL``."""
REVERSAL = "reversal"
"""The last return with its sign turned round, nothing fitted."""


def baseline_forecasts(
    x_NF: np.ndarray,
    target_N: np.ndarray,
    last_N: np.ndarray,
    *,
    train: np.ndarray | slice,
    validation: np.ndarray | slice,
    test: np.ndarray | slice,
) -> dict[str, np.ndarray]:
    """Forecasts (float64) of the test rows by name: last return and ridge.

    Nothing is fitted on anything but the training rows; the validation rows choose ridge's penalty. ``last_N`` is the
    return of the bar that has just ended, known with the row, through the target's transform. LightGBM stands beside
    these, from ``fit_gradient_boosting``.

    Args:
        x_NF: features as the network sees them.
        target_N: the target that the network learns.
        last_N: last return of each row, in units of the target.
        train: rows to fit on, as a slice or as row numbers.
        validation: rows to choose on; may be empty.
        test: rows to forecast.
    """
    x_train_NF, y_train_N = x_NF[train], target_N[train]
    ridge = fit_ridge(x_train_NF, y_train_N, later_x_NF=x_NF[validation], later_target_N=target_N[validation])
    return {
        LAST_RETURN: last_return_forecast(last_N[train], y_train_N, last_N[test]),
        "ridge": ridge.forecast(x_NF[test]),
    }
