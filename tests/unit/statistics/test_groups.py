"""Sums over groups of rows."""

import numpy as np

from tailproof.statistics.groups import Groups


def test_group_sums_add_up() -> None:
    value_NF = np.random.default_rng(0).standard_normal((6000, 3))
    groups = Groups.of(np.arange(6000) // 100)
    np.testing.assert_allclose(groups.sums(value_NF).sum(axis=0), value_NF.sum(axis=0))
    assert groups.sizes.tolist() == [100] * 60
