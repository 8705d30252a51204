"""Splits of the user's own: nobody's word is taken that they are clean."""

import numpy as np
import pytest
from sklearn.model_selection import KFold, TimeSeriesSplit

from tailproof.core.records import CombinatorialFold, Fold
from tailproof.splits import own_folds, rows_of

KNOWN = np.arange(200)
END = KNOWN + 5


def rows(part: range | tuple[range, ...]) -> np.ndarray:
    return rows_of((part,) if isinstance(part, range) else part)


@pytest.mark.parametrize("splitter", [TimeSeriesSplit(3), KFold(4)])
@pytest.mark.parametrize("validation", [0.0, 0.2])
@pytest.mark.parametrize("embargo", [0, 7])
def test_no_label_of_one_part_meets_that_of_another(splitter: KFold, validation: float, embargo: int) -> None:
    folds = own_folds(splitter, KNOWN, END, validation_fraction=validation, embargo=embargo)
    for fold, (train, test) in zip(folds, splitter.split(np.zeros((200, 1))), strict=True):
        fitted, chosen, tested = rows(fold.train), rows(fold.validation), rows(fold.test)
        np.testing.assert_array_equal(tested, test)
        assert set(fitted) | set(chosen) <= set(train)
        assert bool(len(chosen)) == (validation > 0.0)
        for one, other in ((fitted, tested), (chosen, tested), (fitted, chosen)):
            meet = (END[one][:, None] > KNOWN[other]) & (KNOWN[one][:, None] < END[other])
            assert not meet.any()
        after = fitted[fitted > tested.max()]
        assert len(after) == 0 or after.min() >= tested.max() + 5 + embargo
    assert isinstance(folds[-1], Fold), "all training rows lie before"
    assert isinstance(folds[0], Fold if isinstance(splitter, TimeSeriesSplit) else CombinatorialFold)
