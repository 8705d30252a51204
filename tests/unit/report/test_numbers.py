"""Fewer points for the eye, and the history as arrays."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tailproof.report.numbers.history import history
from tailproof.report.numbers.thin import bucket_means, keep_extremes


@settings(max_examples=50)
@given(st.integers(1, 400), st.integers(1, 40), st.integers(0, 1000))
def test_thinning_hides_no_extreme(rows: int, buckets: int, seed: int) -> None:
    y_N = np.random.default_rng(seed).standard_t(2, rows)
    x_N = np.arange(float(rows))
    kept_x, kept_y = keep_extremes(x_N, y_N, buckets=buckets)
    assert kept_y.min() == y_N.min()
    assert kept_y.max() == y_N.max()
    assert (kept_x[0], kept_x[-1]) == (x_N[0], x_N[-1])
    assert (np.diff(kept_x) > 0).all()
    assert len(kept_x) <= 4 * max(buckets, 1)
    thin = bucket_means(x_N, y_N[:, None], buckets=buckets)
    assert (thin.low_K.min(), thin.high_K.max()) == (y_N.min(), y_N.max())
    assert len(thin.x_K) <= buckets


def test_history_fills_each_pack_in_its_place() -> None:
    records = [
        {"epoch": 1, "first_member": 0, "loss": [1.0, 2.0]},
        {"epoch": 1, "first_member": 2, "loss": [3.0, None]},
        {"epoch": 2, "first_member": 2, "loss": [5.0, 6.0]},
    ]
    past = history(records, "loss", at="epoch")
    expected = [[1.0, 2.0, 3.0, np.nan], [np.nan, np.nan, 5.0, 6.0]]
    np.testing.assert_array_equal(past.value_KM, expected)
