from datetime import timedelta

import numpy as np
import pytest

from tailproof.core.errors import ConfigError, DataError
from tailproof.splits import latest_window, walk_forward

MINUTE = 60_000_000_000
KNOWN = np.arange(1_000) * MINUTE
SESSION = np.arange(1_000) // 100


def split(**changes):
    settings = {"folds": 5, "unit": "sessions", "train_fraction": 0.5, "validation_fraction": 0.0, **changes}
    return walk_forward(KNOWN, KNOWN + 5 * MINUTE, SESSION, **settings)


def test_expanding_windows_grow_and_rolling_ones_do_not() -> None:
    assert [fold.train for fold in split(folds=2)] == [range(0, 496), range(0, 696)]
    assert [fold.train for fold in split(folds=2, window="rolling")] == [range(0, 496), range(200, 696)]


def test_every_session_can_be_a_fold() -> None:
    folds = split(folds=None)
    assert [fold.test for fold in folds] == [range(start, start + 100) for start in range(500, 1_000, 100)]


def test_several_sessions_can_be_a_fold_and_the_last_may_be_shorter() -> None:
    assert [fold.test for fold in split(folds=None, every=2)] == [range(500, 700), range(700, 900), range(900, 1_000)]


def test_months_are_those_in_which_rows_are_known() -> None:
    days = np.arange("2024-01-01", "2024-07-01", dtype="datetime64[D]").astype("datetime64[ns]").astype(np.int64)
    folds = walk_forward(days, days + 1, days, folds=3, unit="months", validation_fraction=0.0)
    starts = [str(days[fold.test.start].astype("datetime64[ns]"))[:10] for fold in folds]
    assert starts == ["2024-04-01", "2024-05-01", "2024-06-01"]


@pytest.mark.parametrize("embargo", [20, timedelta(minutes=20)])
def test_an_embargo_is_a_gap_in_rows_or_in_time(embargo) -> None:
    (first, *_) = split(embargo=embargo)
    assert (first.train, first.purged, first.embargoed) == (range(0, 476), 4, 20)


def test_validation_is_the_end_of_the_window_and_purged_both_ways() -> None:
    (first, *_) = split(validation_fraction=0.2)
    assert (first.train, first.validation, first.purged) == (range(0, 396), range(400, 496), 8)


def test_the_shipped_window_ends_with_the_last_row() -> None:
    fold = latest_window(KNOWN, KNOWN + 5 * MINUTE, SESSION, window="rolling", validation_fraction=0.2)
    assert (fold.train, fold.validation, len(fold.test)) == (range(500, 896), range(900, 1_000), 0)


def test_more_folds_than_units_are_refused_with_the_numbers() -> None:
    with pytest.raises(ConfigError, match=r"10 sessions, 5 of them before the first test, for 6 folds"):
        split(folds=6)


def test_a_negative_embargo_is_refused() -> None:
    with pytest.raises(ConfigError, match="embargo=-1"):
        split(embargo=-1)


def test_an_embargo_that_leaves_no_training_rows_is_refused() -> None:
    with pytest.raises(DataError, match="got 0 in fold 1 of 5"):
        split(embargo=timedelta(days=30))


def test_sessions_that_interleave_are_refused() -> None:
    with pytest.raises(DataError, match="must not fall, but they do after row 1"):
        walk_forward(KNOWN, KNOWN + 1, np.arange(1_000) % 2, unit="sessions")


def test_rows_out_of_order_and_labels_without_length_are_refused() -> None:
    with pytest.raises(DataError, match="order of known_at, but row 1 "):
        walk_forward(KNOWN[::-1], KNOWN[::-1] + 1, SESSION)
    with pytest.raises(DataError, match="at 1,000 rows, first 0"):
        walk_forward(KNOWN, KNOWN, SESSION)
