import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import ttest_1samp

from tailproof.evaluation.newey_west import automatic_lags, t_of_mean

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
