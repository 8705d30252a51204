"""The population stability index against scipy's entropies."""

import numpy as np
import pytest
from scipy.stats import entropy

from tailproof.statistics.stability_index import Stability


def test_it_is_the_symmetric_divergence_of_the_shares() -> None:
    rng = np.random.default_rng(0)
    earlier_N, later_N = rng.standard_normal(4000), rng.standard_normal(3000) + 0.5
    edges = np.quantile(earlier_N, np.arange(1, 10) / 10)
    p_B, q_B = (np.bincount(np.searchsorted(edges, each), minlength=10) for each in (earlier_N, later_N))
    expected = entropy(p_B, q_B) + entropy(q_B, p_B)
    assert Stability.against(earlier_N).index(later_N) == pytest.approx(expected, rel=1e-9)


def test_empty_bins_give_a_finite_number() -> None:
    assert 5.0 < Stability.against(np.arange(1000.0)).index(np.full(50, -1.0)) < 20.0
