import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import ttest_1samp
from statsmodels.datasets import macrodata

from tailproof.statistics.newey_west import automatic_lags, long_run_variance, t_of_mean

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("lags", [0, 1, 5, None])
def test_t_is_that_of_a_regression_on_a_constant_in_statsmodels(lags: int | None) -> None:
    values_N = np.convolve(RNG.normal(size=203), [1.0, 0.5, 0.25], "valid") + 0.1
    used = automatic_lags(len(values_N)) if lags is None else lags
    fit = sm.OLS(values_N, np.ones(len(values_N))).fit(
        cov_type="HAC", cov_kwds={"maxlags": used, "use_correction": True}
    )
    assert t_of_mean(values_N, lags=lags) == pytest.approx(fit.tvalues[0], rel=1e-10)


def test_without_lags_it_is_students_t() -> None:
    values_N = RNG.normal(size=50)
    assert t_of_mean(values_N, lags=0) == pytest.approx(ttest_1samp(values_N, 0.0).statistic)


def test_equal_values_have_no_t() -> None:
    assert np.isnan(t_of_mean(np.ones(5)))
    assert np.isnan(t_of_mean(np.ones(1)))


def test_a_worked_example() -> None:
    """Student (1908), The probable error of a mean: hours of sleep gained by ten patients; R's t.test(sleep) prints
    t = 4.0621."""
    gained_N = np.array([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    assert t_of_mean(gained_N, lags=0) == pytest.approx(4.0621, abs=5e-5)


def test_the_standard_errors_that_stata_prints() -> None:
    """``newey g_realinv g_realgdp L.realint, lag(4)`` on US quarters of 1959 to 2009, as statsmodels' own tests quote
    it (``results_macro_ols_robust.py``). No published example has a constant alone; but every coefficient's error is
    that of the mean of its influences, here without statsmodels' arithmetic, times Stata's n / (n - coefficients)."""
    data = macrodata.load_pandas().data
    growth_N, y_N = (400 * np.diff(np.log(data[name].to_numpy())) for name in ("realgdp", "realinv"))
    x_NK = np.column_stack([growth_N, data["realint"].to_numpy()[:-1], np.ones(len(y_N))])
    rows, coefficients = x_NK.shape
    inverse_KK = np.linalg.inv(x_NK.T @ x_NK)
    residual_N = y_N - x_NK @ (inverse_KK @ x_NK.T @ y_N)
    influence_NK = rows * residual_N[:, None] * (x_NK @ inverse_KK)
    errors = [np.sqrt(long_run_variance(influence_N, lags=4) / (rows - coefficients)) for influence_N in influence_NK.T]
    assert errors == pytest.approx([0.33125644884286, 0.29582347593197, 1.1859338087713], rel=1e-10)
