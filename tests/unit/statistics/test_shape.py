"""The shape of a distribution in plain values."""

import numpy as np

from tailproof.statistics.shape import shape


def test_a_histogram_counts_every_row() -> None:
    value_N = np.random.default_rng(3).standard_t(2, 5000)
    summary = shape(value_N)
    assert sum(summary["counts"]) + summary["below"] + summary["above"] == 5000
    assert summary["lowest"] == value_N.min()
    same = shape(np.full(7, 0.5))
    assert sum(same["counts"]) == 7
    assert same["excess_kurtosis"] is None
