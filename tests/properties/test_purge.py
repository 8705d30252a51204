"""No training label interval touches a test label interval, whatever the gaps and horizons."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tailproof.core.errors import DataError
from tailproof.splits import chronological


@settings(max_examples=300, deadline=None)
@given(
    gaps=st.lists(st.integers(1, 50), min_size=40, max_size=200),
    horizon=st.integers(1, 15),
    train=st.floats(0.2, 0.7),
    validation=st.sampled_from([0.0, 0.1, 0.2, 0.3]),
)
def test_label_intervals_of_two_parts_never_intersect(
    gaps: list, horizon: int, train: float, validation: float
) -> None:
    time_N = np.cumsum(gaps)
    known_N, end_N = time_N[:-horizon], time_N[horizon:]
    try:
        fold = chronological(known_N, end_N, train_fraction=train, validation_fraction=validation)
    except DataError:
        return
    if fold.judged_on_validation:
        assert end_N[list(fold.train)].max() <= known_N[fold.test.start]
        return
    parts = [part for part in (fold.train, fold.validation, fold.test) if len(part)]
    for earlier, later in itertools.pairwise(parts):
        assert end_N[list(earlier)].max(initial=-1) <= known_N[list(later)].min()
    kept = sum(len(part) for part in (fold.train, fold.validation, fold.test))
    assert kept + fold.purged == len(known_N)
