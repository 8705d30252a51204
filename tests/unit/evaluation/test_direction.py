import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import chi2_contingency
from statsmodels.stats.diagnostic import pesaran_timmermann as statsmodels_test

from tailproof.evaluation.direction import hit_rate, pesaran_timmermann

RNG = np.random.default_rng(0)


def test_hit_rate_leaves_out_rows_that_did_not_move() -> None:
    result = hit_rate(np.array([0.9, 0.1, 0.9, 0.9]), np.array([1.0, -1.0, -1.0, 0.0]), zero_return_target=0.5)
    assert (result.rows, result.hit_rate, result.base_rate) == (3, pytest.approx(2 / 3), pytest.approx(2 / 3))


def test_neutral_may_differ_by_row() -> None:
    result = hit_rate(np.array([0.5, 0.5]), np.array([1.0, -1.0]), zero_return_target=np.array([0.4, 0.6]))
    assert result.hit_rate == 1.0


def test_pesaran_timmermann_is_pearsons_chi_square_of_the_two_by_two_table() -> None:
    up_N = RNG.random(500) < 0.6
    forecast_up_N = np.where(RNG.random(500) < 0.3, up_N, RNG.random(500) < 0.7)
    table = np.array([[np.sum((forecast_up_N == forecast) & (up_N == up)) for up in (0, 1)] for forecast in (0, 1)])
    chi_square = chi2_contingency(table, correction=False).statistic
    assert pesaran_timmermann(forecast_up_N, up_N).statistic ** 2 * 499 / 500 == pytest.approx(chi_square)


def test_it_is_the_one_of_statsmodels_but_for_one_small_term() -> None:
    """statsmodels 0.15 leaves out the product of the variances of p and q; rugarch's DACTest has it, and so have we."""
    forecast_up_N, up_N = RNG.random(400) < 0.55, RNG.random(400) < 0.45
    up_N = np.where(RNG.random(400) < 0.1, forecast_up_N, up_N)
    signs = [np.where(flag_N, 1.0, -1.0) for flag_N in (up_N, forecast_up_N)]
    theirs = statsmodels_test(*signs, alternative="larger")
    ours = pesaran_timmermann(forecast_up_N, up_N)
    assert theirs.statistic == pytest.approx(ours.statistic * np.sqrt(399 / 400), rel=1e-12)
    assert theirs.pvalue == pytest.approx(ours.p_value, rel=0.02)


def test_a_worked_example_by_hand() -> None:
    """Three of five rises and three of five falls were said: P = 0.6, P* = 0.5, V(P) = 0.025, V(P*) = 0.0025.

    The paper prints figures of a survey without its data, and so do the manuals of rugarch and tstests; what is
    published with its data is Pearson's chi-square of a two by two table, below.
    """
    up_N = np.repeat([True, False], 5)
    forecast_up_N = np.array([True] * 3 + [False] * 2 + [True] * 2 + [False] * 3)
    assert pesaran_timmermann(forecast_up_N, up_N).statistic == pytest.approx(0.1 / np.sqrt(0.025 - 0.0025), rel=1e-12)


def test_a_worked_example() -> None:
    """Aspirin and heart attacks: 189 of 11,034 under placebo and 104 of 11,037 under aspirin (Physicians' Health Study;
    Agresti 2002, Categorical Data Analysis, table 2.1). Pearson's chi-square is 25.01, and the test is its root but for
    n / (n - 1)."""
    forecast_up_N = np.repeat([True, False], [11_034, 11_037])
    up_N = np.r_[np.arange(11_034) < 189, np.arange(11_037) < 104]
    assert pesaran_timmermann(forecast_up_N, up_N).statistic ** 2 == pytest.approx(25.01, abs=0.006)


def test_it_is_that_of_a_regression_of_one_sign_on_the_other() -> None:
    """With one sign explained by the other, n R² is the same chi-square (statsmodels)."""
    up_N = RNG.random(800) < 0.55
    forecast_up_N = np.where(RNG.random(800) < 0.2, up_N, RNG.random(800) < 0.4)
    fit = sm.OLS(up_N.astype(float), sm.add_constant(forecast_up_N.astype(float))).fit()
    assert pesaran_timmermann(forecast_up_N, up_N).statistic ** 2 * 799 / 800 == pytest.approx(800 * fit.rsquared)


def test_a_drift_is_not_taken_for_timing() -> None:
    """Saying up nine times in ten hits often where prices rise nine times in ten, and is no skill."""
    p_values = []
    for _ in range(500):
        up_N, forecast_up_N = RNG.random(400) < 0.9, RNG.random(400) < 0.9
        p_values.append(pesaran_timmermann(forecast_up_N, up_N).p_value)
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.03)


def test_one_sided_forecasts_have_no_statistic() -> None:
    assert np.isnan(pesaran_timmermann(np.ones(10, dtype=bool), RNG.random(10) < 0.5).statistic)
    assert np.isnan(pesaran_timmermann(np.empty(0, dtype=bool), np.empty(0, dtype=bool)).statistic)
