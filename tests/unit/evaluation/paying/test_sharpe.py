"""Worked examples are those of the papers; the figures are printed there."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from tailproof.evaluation.paying.sharpe import deflated_sharpe, expected_best_sharpe, probabilistic_sharpe


def test_the_numerical_example_of_the_deflated_sharpe_ratio() -> None:
    """Bailey and López de Prado (2014): annual SR 2.5 over five years of days, skewness -3, kurtosis 10, 100 trials."""
    best = expected_best_sharpe(100, 0.5 / 250)
    assert best == pytest.approx(0.1132, abs=5e-5)
    deflated = probabilistic_sharpe(2.5 / math.sqrt(250), periods=1_250, skewness=-3.0, kurt=10.0, benchmark=best)
    assert deflated == pytest.approx(0.9004, abs=5e-5)


def test_normal_results_are_judged_as_by_a_z_test() -> None:
    value = probabilistic_sharpe(0.1, periods=401, skewness=0.0, kurt=3.0)
    assert value == pytest.approx(norm.cdf(0.1 * 20 / math.sqrt(1 + 0.5 * 0.01)))


def test_the_best_of_many_without_skill_is_what_is_expected() -> None:
    """The formula of the paper is asymptotic: at 50 trials it lies 1.2 % above what simulation gives."""
    best = np.random.default_rng(0).normal(size=(20_000, 50)).max(axis=1).mean()
    assert expected_best_sharpe(50, 1.0) == pytest.approx(best, rel=0.02)


def test_the_best_of_fifty_strategies_without_skill_is_not_certified() -> None:
    certified, naive = [], []
    for seed in range(60):
        results_ST = np.random.default_rng(seed).normal(size=(250, 50))
        ratios = results_ST.mean(axis=0) / results_ST.std(axis=0, ddof=1)
        probabilistic, deflated = deflated_sharpe(results_ST[:, np.argmax(ratios)], list(ratios))
        naive.append(probabilistic > 0.95)
        certified.append(deflated > 0.95)
    assert np.mean(naive) > 0.8
    assert np.mean(certified) < 0.05


def test_trials_that_left_no_ratio_deflate_too() -> None:
    result_S = np.random.default_rng(1).normal(0.1, 1.0, 250)
    few, many = (deflated_sharpe(result_S, [0.0, 0.1], trials=trials)[1] for trials in (2, 200))
    assert many < few
