import numpy as np
import pytest

from tailproof.core.errors import ConfigError, DataError
from tailproof.splits import chronological

KNOWN = np.arange(100)


def test_parts_follow_each_other_and_the_overlap_is_purged() -> None:
    fold = chronological(KNOWN, KNOWN + 5, train_fraction=0.7, validation_fraction=0.1)
    assert (fold.train, fold.validation, fold.test) == (range(0, 66), range(70, 76), range(80, 100))
    assert fold.purged == 8


def test_a_horizon_of_one_bar_needs_no_purge() -> None:
    assert chronological(KNOWN, KNOWN + 1, train_fraction=0.5, validation_fraction=0.25).purged == 0


def test_without_validation_rows_training_is_purged_against_the_test() -> None:
    fold = chronological(KNOWN, KNOWN + 3, train_fraction=0.8, validation_fraction=0.0)
    assert (fold.train, len(fold.validation), fold.test) == (range(0, 78), 0, range(80, 100))


def test_fractions_that_add_up_to_one_judge_on_the_validation_rows() -> None:
    fold = chronological(KNOWN, KNOWN + 1, train_fraction=0.8, validation_fraction=0.2)
    assert fold.judged_on_validation
    assert (fold.train, fold.test) == (range(0, 80), range(80, 100))


def test_fractions_above_one_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"train_fraction \+ validation_fraction must be at most 1, got 0\.9 \+ 0\.2"):
        chronological(KNOWN, KNOWN, train_fraction=0.9, validation_fraction=0.2)


def test_too_few_rows_are_refused_with_the_sizes() -> None:
    with pytest.raises(DataError, match="30 rows gave 21, 3, 6"):
        chronological(KNOWN[:30], KNOWN[:30], train_fraction=0.7, validation_fraction=0.1)
