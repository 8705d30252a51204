import math

import numpy as np
import pytest

from tailproof.core.errors import ConfigError
from tailproof.splits import combinatorial_purged, rows_of

KNOWN = np.arange(1_200)


def test_every_path_forecasts_every_row_once() -> None:
    folds = combinatorial_purged(KNOWN, KNOWN + 1, KNOWN, groups=6, test_groups=2)
    assert len(folds) == 15
    seen = {path: [] for path in range(5)}
    for fold in folds:
        for path, part in zip(fold.paths, fold.test, strict=True):
            seen[path] += list(part)
    assert all(sorted(rows) == list(range(1_200)) for rows in seen.values())


def test_as_many_groups_as_leave_none_to_train_are_refused() -> None:
    with pytest.raises(ConfigError, match="test_groups=4, groups=4, 1200 rows"):
        combinatorial_purged(KNOWN, KNOWN + 1, KNOWN, groups=4, test_groups=4)


@pytest.mark.parametrize(("horizon", "embargo"), [(1, 0), (3, 0), (3, 7)])
def test_the_same_splits_as_skfolio(horizon: int, embargo: int) -> None:
    """skfolio counts rows: its purged_size is horizon - 1 on both sides of a test, its embargo comes after it."""
    pytest.importorskip("skfolio", reason="skfolio is not installed")
    from skfolio.model_selection import CombinatorialPurgedCV

    theirs = CombinatorialPurgedCV(n_folds=6, n_test_folds=2, purged_size=horizon - 1, embargo_size=embargo)
    ours = combinatorial_purged(
        KNOWN, KNOWN + horizon, KNOWN, groups=6, test_groups=2, embargo=embargo, validation_fraction=0.0
    )
    splits = list(theirs.split(np.zeros((1_200, 1))))
    assert len(splits) == len(ours) == math.comb(6, 2)
    for (train, tests), fold in zip(splits, ours, strict=True):
        assert train.tolist() == rows_of(fold.train).tolist()
        assert np.concatenate(tests).tolist() == rows_of(fold.test).tolist()
    assert theirs.get_path_ids().tolist() == [list(fold.paths) for fold in ours]


@pytest.mark.parametrize(("horizon", "rolling"), [(1, False), (4, False), (4, True)])
def test_walk_forward_as_skfolio(horizon: int, rolling: bool) -> None:
    pytest.importorskip("skfolio", reason="skfolio is not installed")
    from skfolio.model_selection import WalkForward as Theirs

    from tailproof.splits import WalkForward as Ours

    gap = horizon - 1
    theirs = Theirs(test_size=120, train_size=600 - gap, purged_size=gap, expand_train=not rolling)
    ours = Ours(folds=5, horizon=horizon, window="rolling" if rolling else "expanding")
    pairs = zip(theirs.split(np.zeros((1_200, 1))), ours.split(np.zeros((1_200, 1))), strict=True)
    for (their_train, their_test), (train, test) in pairs:
        assert their_train.tolist() == train.tolist()
        assert their_test.tolist() == test.tolist()
