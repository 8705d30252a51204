"""Tenths, with ties kept together."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tailproof.statistics.deciles import deciles


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=200))
def test_deciles_keep_equal_forecasts_together_and_in_order(values: list[int]) -> None:
    prediction_N = np.array(values, dtype=float)
    decile_N, count = deciles(prediction_N)
    assert set(decile_N) == set(range(count))
    for value in set(values):
        assert len(set(decile_N[prediction_N == value])) == 1
    order = np.argsort(prediction_N, kind="stable")
    assert (np.diff(decile_N[order]) >= 0).all()
