"""Means by group against the textbook, and where rows move together."""

import numpy as np
import pytest

from tailproof.core.estimate import NORMAL_95
from tailproof.statistics.group_means import group_means


def test_group_means_of_independent_rows_have_the_textbook_error() -> None:
    rng = np.random.default_rng(1)
    value_N = rng.normal(size=4000)
    group_N = np.repeat([0, 1], 2000)
    means = group_means(value_N, group_N, np.arange(4000), groups=2)
    for group in (0, 1):
        own_N = value_N[group_N == group]
        assert means.mean_G[group] == pytest.approx(own_N.mean())
        half = NORMAL_95 * own_N.std(ddof=1) / np.sqrt(len(own_N))
        assert means.high_G[group] - means.mean_G[group] == pytest.approx(half, rel=1e-9)


def test_rows_that_move_together_widen_the_interval() -> None:
    rng = np.random.default_rng(2)
    cluster_N = np.repeat(np.arange(100), 20)
    value_N = rng.normal(size=100)[cluster_N]
    alone, together = (
        group_means(value_N, np.zeros(2000, int), clusters, groups=1) for clusters in (np.arange(2000), cluster_N)
    )
    ratio = (together.high_G - together.mean_G) / (alone.high_G - alone.mean_G)
    assert ratio[0] == pytest.approx(np.sqrt(20), rel=0.02)


def test_few_sessions_give_no_interval() -> None:
    means = group_means(np.arange(90.0), np.zeros(90, int), np.arange(90) // 10, groups=1)
    assert means.clusters_G[0] == 9
    assert np.isnan(means.low_G[0])
