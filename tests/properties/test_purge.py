"""No training label interval touches a test label interval, whatever the gaps and horizons."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from tailproof.core.errors import InputError
from tailproof.splits import chronological, combinatorial_purged, rows_of, walk_forward

SECOND = 1_000_000_000


@st.composite
def labelled_times(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Rows with gaps, repeated times (panels) and labels of any length, in whole seconds as nanoseconds.

    Times go on by ten seconds a row on average and labels are short beside all of the rows, so that purging and an
    embargo leave something of nearly every split.
    """
    gaps = draw(st.lists(st.sampled_from([0, 0, 1, 5, 10, 15, 20, 30]), min_size=120, max_size=160))
    lengths = draw(st.lists(st.integers(1, 30), min_size=len(gaps), max_size=len(gaps)))
    known_N = np.cumsum(gaps)
    return known_N * SECOND, (known_N + np.array(lengths)) * SECOND


@st.composite
def fractions(draw: st.DrawFn) -> tuple[float, float]:
    """Shares of the rows that train and that choose; they leave a tenth to test, or choose on the rows of the test."""
    validation = draw(st.sampled_from([0.0, 0.1, 0.2, 0.3]))
    if validation > 0.0 and draw(st.booleans()):
        return 1.0 - validation, validation
    return draw(st.floats(0.2, 0.9 - validation)), validation


def split_or_reject(split: Callable[..., Any], *times_N: np.ndarray, **options: Any) -> Any:
    """The folds of a splitter. An example that it refuses does not count; a test with too few others fails."""
    try:
        return split(*times_N, **options)
    except InputError:
        reject()


EMBARGOES = st.one_of(st.integers(0, 3), st.integers(0, 30).map(lambda seconds: timedelta(seconds=seconds)))


def clash(known_N: np.ndarray, end_N: np.ndarray, rows: np.ndarray, others: np.ndarray) -> bool:
    """The oracle: do the intervals (known, end] of any row and any other row share a moment?"""
    latest = np.maximum.outer(known_N[rows], known_N[others])
    return bool((latest < np.minimum.outer(end_N[rows], end_N[others])).any())


@settings(max_examples=150)
@given(
    times=labelled_times(),
    shares=fractions(),
    embargo=EMBARGOES,
)
def test_chronological_parts_never_intersect(times, shares: tuple[float, float], embargo) -> None:
    known_N, end_N = times
    train, validation = shares
    fold = split_or_reject(
        chronological, known_N, end_N, train_fraction=train, validation_fraction=validation, embargo=embargo
    )
    assert not clash(known_N, end_N, rows_of((fold.train,)), rows_of((fold.test,)))
    if not fold.judged_on_validation:
        assert not clash(known_N, end_N, rows_of((fold.train,)), rows_of((fold.validation,)))
        assert not clash(known_N, end_N, rows_of((fold.validation,)), rows_of((fold.test,)))
        used = sum(len(part) for part in (fold.train, fold.validation, fold.test))
        assert used + fold.purged + fold.embargoed == len(known_N)


@settings(max_examples=150)
@given(
    times=labelled_times(),
    folds=st.sampled_from([1, 2, 3, None]),
    every=st.sampled_from([1, 2, 5]),
    unit=st.sampled_from(["rows", "sessions"]),
    window=st.sampled_from(["expanding", "rolling"]),
    validation=st.sampled_from([0.0, 0.2]),
    embargo=EMBARGOES,
)
def test_walk_forward_learns_from_the_past_alone(
    times, folds, every: int, unit, window, validation: float, embargo
) -> None:
    known_N, end_N = times
    session_N = known_N // (50 * SECOND)
    result = split_or_reject(
        walk_forward,
        known_N,
        end_N,
        session_N,
        folds=folds,
        every=every,
        unit=unit,
        window=window,
        train_fraction=0.5,
        validation_fraction=validation,
        embargo=embargo,
    )
    tested = np.concatenate([rows_of((fold.test,)) for fold in result])
    assert tested.tolist() == list(range(result[0].test.start, len(known_N)))
    if folds is None and unit == "rows":
        assert all(len(fold.test) == every for fold in result[:-1])
        assert 1 <= len(result[-1].test) <= every
    for fold in result:
        train, choose, test = (rows_of((part,)) for part in (fold.train, fold.validation, fold.test))
        for earlier, later in ((train, choose), (train, test), (choose, test)):
            assert not clash(known_N, end_N, earlier, later)
            if len(earlier) and len(later) and isinstance(embargo, timedelta):
                gap = known_N[later].min() - end_N[earlier].max()
                assert gap >= embargo.total_seconds() * SECOND
            if len(earlier) and len(later) and isinstance(embargo, int):
                assert end_N[earlier].max() <= known_N[later.min() - embargo]


@settings(max_examples=150)
@given(gaps=st.lists(st.integers(0, 20), min_size=40, max_size=120), horizon=st.integers(1, 30))
def test_walk_forward_drops_no_clean_row_when_all_labels_are_as_long(gaps: list, horizon: int) -> None:
    known_N = np.cumsum(gaps)
    end_N = known_N + horizon
    result = split_or_reject(walk_forward, known_N, end_N, known_N, folds=2, unit="rows", validation_fraction=0.0)
    for fold in result:
        clean = [
            row for row in range(fold.test.start) if not clash(known_N, end_N, np.array([row]), np.array(fold.test))
        ]
        assert list(fold.train) == clean


@settings(max_examples=100)
@given(
    times=labelled_times(),
    groups=st.integers(2, 6),
    test_groups=st.integers(1, 3),
    validation=st.sampled_from([0.0, 0.15]),
    embargo=EMBARGOES,
)
def test_combinatorial_training_rows_are_those_of_the_oracle(
    times, groups: int, test_groups: int, validation: float, embargo
) -> None:
    known_N, end_N = times
    rows = len(known_N)
    result = split_or_reject(
        combinatorial_purged,
        known_N,
        end_N,
        known_N,
        groups=groups,
        test_groups=test_groups,
        validation_fraction=validation,
        embargo=embargo,
    )
    for fold in result:
        test = rows_of(fold.test)
        clean = [
            row
            for row in range(rows)
            if row not in set(test.tolist())
            and not clash(known_N, end_N, np.array([row]), test)
            and not any(_embargoed(known_N, end_N, row, part, embargo) for part in fold.test)
        ]
        choose = rows_of(fold.validation)
        assert choose.tolist() == clean[len(clean) - round(len(clean) * validation) :]
        free = clean[: len(clean) - len(choose)]
        assert rows_of(fold.train).tolist() == [
            row for row in free if not clash(known_N, end_N, np.array([row]), choose)
        ]
        used = len(test) + len(choose) + sum(map(len, fold.train))
        assert used + fold.purged + fold.embargoed == rows


def _embargoed(known_N: np.ndarray, end_N: np.ndarray, row: int, part: range, embargo) -> bool:
    last_end = max(end_N[index] for index in part)
    if known_N[row] < last_end:
        return False
    if isinstance(embargo, timedelta):
        return known_N[row] < last_end + int(embargo.total_seconds()) * SECOND
    return sum(known_N[other] >= last_end for other in range(row)) < embargo
