import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.sandwich_covariance import weights_uniform

from tailproof.evaluation.diebold_mariano import diebold_mariano

RNG = np.random.default_rng(0)


def overlapping_losses(rows: int, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Losses whose differences are moving averages, as those of forecasts ``horizon`` steps ahead are."""
    loss_N = RNG.gamma(2.0, size=rows)
    shock_N = RNG.normal(size=rows + horizon - 1)
    return loss_N + 0.2 + np.convolve(shock_N, np.ones(horizon), "valid"), loss_N


@pytest.mark.parametrize("horizon", [1, 2, 5])
def test_it_is_a_regression_with_uniform_weights_in_statsmodels(horizon: int) -> None:
    other_N, loss_N = overlapping_losses(300, horizon)
    fit = sm.OLS(other_N - loss_N, np.ones(300)).fit(
        cov_type="HAC", cov_kwds={"maxlags": horizon - 1, "weights_func": weights_uniform, "use_correction": False}
    )
    correction = np.sqrt((300 + 1 - 2 * horizon + horizon * (horizon - 1) / 300) / 300)
    assert diebold_mariano(other_N, loss_N, horizon=horizon).statistic == pytest.approx(fit.tvalues[0] * correction)


def test_a_worked_example() -> None:
    """The example on the page of the package dieboldmariano 1.1 (pypi.org/project/dieboldmariano): squared errors,
    corrected after Harvey, Leybourne and Newbold, one-sided p 0.0452."""
    truth_N = np.array([10.0, 20.0, 30.0, 40.0, 50.0])
    first_N, second_N = np.array([11.0, 21.0, 29.0, 42.0, 53.0]), np.array([13.0, 26.0, 24.0, 40.0, 59.0])
    test = diebold_mariano((truth_N - first_N) ** 2, (truth_N - second_N) ** 2, horizon=1)
    assert test.statistic == pytest.approx(-2.2229922805746782, rel=1e-12)
    assert test.p_value / 2 == pytest.approx(0.04515565862099125, rel=1e-9)


def test_equal_forecasts_are_rejected_as_often_as_stated() -> None:
    rejected = []
    for _ in range(600):
        other_N, loss_N = overlapping_losses(200, 3)
        rejected.append(diebold_mariano(other_N - 0.2, loss_N, horizon=3).p_value < 0.05)
    assert np.mean(rejected) == pytest.approx(0.05, abs=0.03)


def test_a_negative_sum_of_autocovariances_falls_back_on_bartlett_weights() -> None:
    difference_N = np.tile([1.0, -1.0], 50) + 0.01
    assert np.isfinite(diebold_mariano(difference_N, np.zeros(100), horizon=2).statistic)


def test_equal_losses_have_no_statistic() -> None:
    assert np.isnan(diebold_mariano(np.ones(10), np.ones(10), horizon=1).statistic)


@pytest.mark.parametrize("horizon", [10, 11, 50])
def test_a_horizon_as_long_as_the_series_has_no_statistic(horizon: int) -> None:
    other_N, loss_N = overlapping_losses(10, 2)
    assert np.isnan(diebold_mariano(other_N, loss_N, horizon=horizon).statistic)
