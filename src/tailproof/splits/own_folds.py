"""Splits of the user's own, purged as ours are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tailproof.arrays.ranges import as_slice
from tailproof.core.errors import ConfigError, DataError
from tailproof.core.records import CombinatorialFold, Fold
from tailproof.splits.combinatorial import inner_rows, ranges_of
from tailproof.splits.embargo import Embargo, check_embargo
from tailproof.splits.purge import check_times, embargoed_after, meets
from tailproof.splits.walk_forward import MIN_TRAINING_ROWS


def own_folds(
    splitter: Any,
    known_at_N: np.ndarray,
    label_end_N: np.ndarray,
    *,
    validation_fraction: float,
    embargo: Embargo = 0,
) -> tuple[Fold | CombinatorialFold, ...]:
    """Folds from a splitter of scikit-learn, or from pairs of training and test rows; nobody's word is taken for them.

    Training rows whose label interval meets that of a test row are purged, and those known within the embargo after a
    test are left out. Validation rows are the last of the training rows that are left, purged from them as well. A fold
    whose training rows all lie before its test is one of time; others train on later rows too, which the verdict says.

    Args:
        splitter: an object with ``split(X)``, or pairs of row numbers or masks.
        known_at_N: when each row is known, rising.
        label_end_N: when each row's label is known.
        validation_fraction: share of the training rows that choose the best epoch.
        embargo: gap after each test.

    Raises:
        ConfigError: it gives no folds, or no rows of the data.
        DataError: purging leaves a fold fewer than 10 training rows.

    >>> known = np.arange(60)
    >>> (fold,) = own_folds([(range(40), range(40, 60))], known, known + 3, validation_fraction=0.0)
    >>> fold.train, fold.test, fold.purged
    (range(0, 38), range(40, 60), 2)
    """
    check_embargo(embargo)
    check_times(known_at_N, label_end_N)
    pairs = list(splitter.split(np.zeros((len(known_at_N), 1))) if hasattr(splitter, "split") else _pairs(splitter))
    if not pairs:
        raise ConfigError("splitter must give at least one pair of training and test rows, got none.")
    times = _RowTimes(
        known_at_N=known_at_N, label_end_N=label_end_N, validation_fraction=validation_fraction, embargo=embargo
    )
    return tuple(times.fold(train, test, where=f"fold {number}") for number, (train, test) in enumerate(pairs, start=1))


@dataclass(frozen=True, kw_only=True)
class _RowTimes:
    """The times of all rows, and how a fold of them is kept clean."""

    known_at_N: np.ndarray
    label_end_N: np.ndarray
    validation_fraction: float
    embargo: Embargo

    def fold(self, train: Any, test: Any, *, where: str) -> Fold | CombinatorialFold:
        """The fold with these training and test rows, purged and embargoed.

        Raises:
            ConfigError: rows are named otherwise than by numbers or a mask, or none is tested.
            DataError: too few training rows are left.
        """
        train_N, test_N = (_mask(rows, len(self.known_at_N), where) for rows in (train, test))
        if not test_N.any():
            raise ConfigError(f"splitter: {where} must test some rows, got none.")
        tests = ranges_of(test_N)
        asked_N = train_N & ~test_N
        clean_N = asked_N & ~self._meeting(tests)
        free_N = clean_N & ~self._embargoed(tests)
        fitted_N, validation_N = inner_rows(free_N, self.known_at_N, self.label_end_N, self.validation_fraction)
        purged = _count(asked_N & ~clean_N) + _count(free_N & ~fitted_N & ~validation_N)
        embargoed = _count(clean_N & ~free_N)
        if _count(fitted_N) < MIN_TRAINING_ROWS:
            raise DataError(
                f"splitter: {where} needs at least {MIN_TRAINING_ROWS} training rows, got {_count(fitted_N)} after "
                f"purging {purged} and an embargo of {embargoed}. Splits that scatter test rows among training rows "
                "leave none that know nothing of them: split by time."
            )
        parts = ranges_of(fitted_N), ranges_of(validation_N), tests
        if all(len(part) <= 1 for part in parts) and np.flatnonzero(asked_N)[-1] < tests[0].start:
            one, chosen, tested = (part[0] if part else range(0) for part in parts)
            return Fold(train=one, validation=chosen, test=tested, purged=purged, embargoed=embargoed)
        return CombinatorialFold(
            train=parts[0],
            validation=parts[1],
            test=tests,
            groups=tuple(range(len(tests))),
            paths=(0,) * len(tests),
            purged=purged,
            embargoed=embargoed,
        )

    def _meeting(self, tests: Sequence[range]) -> np.ndarray:
        """Rows (bool) whose label interval meets that of a test row."""
        meeting_KN = [meets(block, self.known_at_N, self.label_end_N) for block in tests]
        return np.logical_or.reduce(meeting_KN)  # type: ignore[no-any-return]

    def _embargoed(self, tests: Sequence[range]) -> np.ndarray:
        """Rows (bool) that are known within the embargo after a test."""
        embargoed_N = np.zeros(len(self.known_at_N), dtype=bool)
        for block in tests:
            embargoed_N[as_slice(embargoed_after(block, self.known_at_N, self.label_end_N, embargo=self.embargo))] = (
                True
            )
        return embargoed_N


def _count(row_N: np.ndarray) -> int:
    return int(np.count_nonzero(row_N))


def _pairs(folds: Any) -> Iterable[tuple[Any, Any]]:
    if not isinstance(folds, Iterable) or isinstance(folds, str):
        raise ConfigError(
            f"splitter must be an object with split(X), or pairs of training and test rows, got {type(folds).__name__}."
        )
    pairs = [tuple(pair) for pair in folds]
    if any(len(pair) != 2 for pair in pairs):
        raise ConfigError("splitter must give pairs of training and test rows.")
    return pairs


def _mask(rows: Any, count: int, where: str) -> np.ndarray:
    row_R = np.asarray(rows)
    if row_R.dtype == bool and row_R.shape == (count,):
        return row_R
    if row_R.ndim != 1 or (len(row_R) and row_R.dtype.kind not in "iu"):
        raise ConfigError(f"splitter: {where} must name rows by numbers or a mask of {count:,}, got {row_R.dtype}.")
    if len(row_R) and (row_R.min() < 0 or row_R.max() >= count):
        raise ConfigError(
            f"splitter: {where} must name rows from 0 to {count - 1:,}, got {row_R.min()} to {row_R.max()}."
        )
    mask_N = np.zeros(count, dtype=bool)
    mask_N[row_R.astype(np.int64)] = True
    return mask_N
