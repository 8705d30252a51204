import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import spearmanr

from tailproof.evaluation import rank_ic, spearman
from tailproof.evaluation.rank_ic import rank_ic_of_products
from tailproof.statistics.groups import Groups

RNG = np.random.default_rng(0)


def test_spearman_equals_scipy_with_ties() -> None:
    first_N, second_N = RNG.integers(0, 20, 500).astype(float), RNG.normal(size=500)
    assert spearman(first_N, second_N) == pytest.approx(spearmanr(first_N, second_N).statistic, abs=1e-12)


def test_spearman_of_a_constant_is_not_a_number() -> None:
    assert np.isnan(spearman(np.ones(10), RNG.normal(size=10)))


def test_a_worked_example() -> None:
    """IQ against hours of television, the worked example of the Wikipedia article on Spearman's coefficient:
    -29/165."""
    iq_N = np.array([106, 100, 86, 101, 99, 103, 97, 113, 112, 110.0])
    hours_N = np.array([7, 27, 2, 50, 28, 29, 20, 12, 6, 17.0])
    assert spearman(iq_N, hours_N) == pytest.approx(-29 / 165, abs=1e-12)


def test_groups_of_equal_size_average_to_the_pooled_value() -> None:
    first_N, second_N = RNG.normal(size=600), RNG.normal(size=600)
    ic = rank_ic(first_N, second_N, np.arange(600) // 20)
    assert ic.mean_by_group == pytest.approx(ic.pooled, abs=1e-12)
    assert ic.groups == 30


def test_figures_by_group_are_those_of_a_series_of_ics() -> None:
    """Student's ten patients (1908) as the ICs of ten groups: mean 1.58, standard deviation 1.23, so a ratio of 1.2846;
    their t, with two lags, is statsmodels'."""
    gained_G = np.array([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    ic = rank_ic_of_products(np.repeat(gained_G, 3), Groups.of(np.arange(30) // 3))
    fit = sm.OLS(gained_G, np.ones(10)).fit(cov_type="HAC", cov_kwds={"maxlags": 2, "use_correction": True})
    assert (ic.mean_by_group, ic.share_above_zero) == (pytest.approx(1.58), 0.9)
    assert ic.ratio == pytest.approx(1.2846, abs=5e-5)
    assert ic.t_by_group == pytest.approx(fit.tvalues[0])


def test_short_groups_do_not_turn_a_reversal_rule_on_a_random_walk_into_skill() -> None:
    """Ranking inside each group would: see the docstring of rank_ic."""
    t_values = []
    for seed in range(40):
        return_N = np.random.default_rng(seed).normal(size=1_000)
        price_N = np.cumsum(return_N)
        reversal_N = -(price_N[5:-1] - price_N[:-6])
        t_values.append(rank_ic(reversal_N, return_N[6:], np.arange(994) // 21).t_by_group)
    assert abs(np.mean(t_values)) < 0.5


def test_the_standard_error_covers_dependence_inside_groups() -> None:
    """Rows that come in identical pairs hold half the information: the error must be about sqrt(2) times larger."""
    errors = []
    for seed in range(50):
        rng = np.random.default_rng(seed)
        first_N, second_N = np.repeat(rng.normal(size=300), 2), np.repeat(rng.normal(size=300), 2)
        errors.append(rank_ic(first_N, second_N, np.arange(600) // 2).standard_error)
    assert np.mean(errors) == pytest.approx(1 / np.sqrt(300), rel=0.05)
