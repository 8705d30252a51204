import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.power import NormalIndPower

from tailproof.evaluation.power import minimum_detectable_ic


def test_it_is_found_four_times_in_five() -> None:
    error = 0.01
    drawn = np.random.default_rng(0).normal(minimum_detectable_ic(error), error, 100_000)
    assert np.mean(drawn > norm.ppf(0.975) * error) == pytest.approx(0.8, abs=0.01)


def test_it_is_what_statsmodels_solves_for() -> None:
    effect = NormalIndPower(ddof=0).solve_power(nobs1=10_000, alpha=0.05, power=0.8, ratio=0)
    assert minimum_detectable_ic(1 / np.sqrt(10_000)) == pytest.approx(effect, rel=1e-4)


def test_a_worked_example() -> None:
    """Cohen (1992), A power primer, table 2: a correlation of 0.10 needs 783 pairs for a power of 0.80 at 0.05."""
    assert minimum_detectable_ic(1 / np.sqrt(783 - 1)) == pytest.approx(0.10, abs=5e-4)
