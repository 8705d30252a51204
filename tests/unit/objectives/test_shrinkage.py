"""Forecasts are drawn toward the constant by exactly as much as the validation rows ask for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from tailproof.objectives import NO_SHRINKAGE, Objective, Shrinkage, fit_shrinkage, row_losses

HUBER = Objective(loss="huber", delta=0.1)


def bold_forecasts(times: float, *, seed: int = 0, rows: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Targets whose mean moves by a signal, and forecasts that say ``times`` as much."""
    rng = np.random.default_rng(seed)
    signal_R = 0.02 * rng.standard_normal(rows)
    return 0.5 + times * signal_R, 0.5 + signal_R + 0.05 * rng.standard_normal(rows)


@pytest.mark.parametrize("times", [1.5, 3.0, 8.0])
def test_the_slope_is_the_one_that_scipy_finds(times: float) -> None:
    forecast_R, target_R = bold_forecasts(times)
    optimum = minimize_scalar(
        lambda slope: row_losses(HUBER, 0.5 + slope * (forecast_R - 0.5), target_R).mean(),
        bounds=(0.05, 1.0),
        method="bounded",
    )
    shrinkage = fit_shrinkage(HUBER, forecast_R, target_R, center=0.5, give=np.inf)
    assert shrinkage.slope == pytest.approx(optimum.x, abs=0.0051)
    assert shrinkage.slope == pytest.approx(1 / times, rel=0.2)


def test_a_forecast_that_says_too_little_stays_as_it_is() -> None:
    forecast_R, target_R = bold_forecasts(0.3)
    assert fit_shrinkage(HUBER, forecast_R, target_R, center=0.5, give=np.inf).slope == 1.0


def test_a_forecast_that_is_wrong_keeps_its_order_and_little_else() -> None:
    forecast_R, target_R = bold_forecasts(-1.0)
    shrinkage = fit_shrinkage(HUBER, forecast_R, target_R, center=0.5, give=np.inf)
    assert shrinkage.slope == 0.05
    np.testing.assert_array_equal(np.argsort(shrinkage.apply(forecast_R)), np.argsort(forecast_R))


@pytest.mark.parametrize("unit", [1.0, 250.0])
def test_few_rows_move_the_slope_by_as_much_as_bayes_says(unit: float) -> None:
    """Squared errors and a normal prior have a closed form, whatever the unit of the target."""
    objective, expected, give = Objective(loss="mse"), 0.85, 0.1
    deviation_R, error_R = np.random.default_rng(3).standard_normal((2, 400)) * [[0.1], [1.0]]
    target_R = 0.4 * deviation_R + error_R
    precision = float(deviation_R @ deviation_R) / np.var(target_R)
    slope = float(deviation_R @ target_R) / float(deviation_R @ deviation_R)
    posterior = (precision * slope + expected / give**2) / (precision + 1 / give**2)
    shrinkage = fit_shrinkage(objective, unit * deviation_R, unit * target_R, center=0.0, expected=expected, give=give)
    assert abs(slope - expected) > 0.1
    assert shrinkage.slope == pytest.approx(posterior, abs=0.0051)


def test_many_rows_outweigh_what_was_expected() -> None:
    forecast_R, target_R = bold_forecasts(4.0, rows=400_000)
    assert fit_shrinkage(HUBER, forecast_R, target_R, center=0.5).slope == pytest.approx(0.25, abs=0.03)


def test_without_rows_nothing_changes() -> None:
    empty = np.array([])
    assert fit_shrinkage(HUBER, empty, empty, center=0.4).slope == 1.0
    forecasts = np.array([0.1, 0.9], dtype=np.float32)
    assert NO_SHRINKAGE.apply(forecasts) is forecasts


def test_single_precision_stays_single() -> None:
    forecasts = np.array([[0.1, 0.9]], dtype=np.float32)
    shrunk = Shrinkage(slope=0.5, center=0.5).apply(forecasts)
    assert shrunk.dtype == np.float32
    np.testing.assert_allclose(shrunk, [[0.3, 0.7]], rtol=1e-6)
