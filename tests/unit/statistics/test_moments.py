import numpy as np
import pytest
from scipy.stats import kurtosis, skew

from tailproof.statistics.moments import excess_kurtosis, skewness


def test_moments_are_those_of_scipy() -> None:
    value_N = np.random.default_rng(0).gamma(2.0, size=999)
    assert excess_kurtosis(value_N) == pytest.approx(kurtosis(value_N))
    assert skewness(value_N) == pytest.approx(skew(value_N))


def test_a_constant_has_none() -> None:
    assert np.isnan(excess_kurtosis(np.ones(5)))
    assert np.isnan(skewness(np.ones(5)))
