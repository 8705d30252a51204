"""Combinatorial purged cross-validation: every choice of groups is tested once, so that there are many backtests."""

from __future__ import annotations

import itertools

import numpy as np

from tailproof.core.errors import ConfigError, DataError
from tailproof.core.records import CombinatorialFold
from tailproof.core.surface import key
from tailproof.splits.embargo import Embargo, check_embargo
from tailproof.splits.purge import check_times, embargoed_after, meets
from tailproof.splits.units import Unit, unit_edges
from tailproof.splits.walk_forward import MIN_TRAINING_ROWS, a_fold_needs


def combinatorial_purged(
    known_at_N: np.ndarray,
    label_end_N: np.ndarray,
    session_N: np.ndarray,
    *,
    groups: int = 6,
    test_groups: int = 2,
    unit: Unit = "rows",
    validation_fraction: float = 0.1,
    embargo: Embargo = 0,
) -> tuple[CombinatorialFold, ...]:
    """One fold for each choice of ``test_groups`` of ``groups`` equal stretches of time; the others train.

    C(groups, test_groups) folds, in lexicographic order of the tested groups (López de Prado 2018, chapter 12). Each
    group is tested in C(groups - 1, test_groups - 1) folds; its p-th test belongs to backtest path p, so that each
    path forecasts every row once. A training row is purged when its label interval meets one of a tested row, and
    embargoed when it is known within ``embargo`` after the last label of a tested group has ended: features look back,
    so training rows right after a test have seen it. Validation rows are the last ``validation_fraction`` of the
    training rows, and training rows whose label interval meets theirs are purged as well.

    Known when: a fold trains on rows *later* than those it tests. Its forecasts could never have been traded; they say
    how much a result depends on the one history that happened. Use walk-forward for what could have been earned.

    >>> known = np.arange(60)
    >>> folds = combinatorial_purged(known, known + 2, known, groups=6, test_groups=2, embargo=3)
    >>> len(folds), folds[1].groups, folds[1].test
    (15, (0, 2), (range(0, 10), range(20, 30)))
    >>> folds[1].train, folds[1].validation, folds[1].purged, folds[1].embargoed
    ((range(14, 19), range(34, 56)), (range(57, 60),), 4, 6)

    Raises:
        ConfigError: fewer than two groups, no group left to train on, or more groups than units.
        DataError: purging leaves a fold fewer than 10 training rows, or no validation row.
    """
    check_embargo(embargo)
    check_times(known_at_N, label_end_N)
    edge_U = unit_edges(known_at_N, session_N, unit)
    _check_groups(len(edge_U) - 1, groups, test_groups, unit)
    edge_G = edge_U[(len(edge_U) - 1) * np.arange(groups + 1) // groups]
    stretch_G = [range(int(start), int(stop)) for start, stop in itertools.pairwise(edge_G)]
    meets_G = [meets(stretch, known_at_N, label_end_N) for stretch in stretch_G]
    after_G = [embargoed_after(stretch, known_at_N, label_end_N, embargo=embargo) for stretch in stretch_G]
    tested_so_far = [0] * groups
    folds = []
    for chosen in itertools.combinations(range(groups), test_groups):
        dirty_N = np.logical_or.reduce([meets_G[group] for group in chosen])
        free_N = ~dirty_N
        for group in chosen:
            free_N[after_G[group].start : after_G[group].stop] = False
        train_N, validation_N = inner_rows(free_N, known_at_N, label_end_N, validation_fraction)
        tested = sum(len(stretch_G[group]) for group in chosen)
        fold = CombinatorialFold(
            train=ranges_of(train_N),
            validation=ranges_of(validation_N),
            test=tuple(stretch_G[group] for group in chosen),
            groups=chosen,
            paths=tuple(tested_so_far[group] for group in chosen),
            purged=int(dirty_N.sum()) - tested + int((free_N & ~train_N & ~validation_N).sum()),
            embargoed=int((~free_N & ~dirty_N).sum()),
        )
        _check_fold(fold, needs_validation=validation_fraction > 0.0)
        for group in chosen:
            tested_so_far[group] += 1
        folds.append(fold)
    return tuple(folds)


def ranges_of(chosen_N: np.ndarray) -> tuple[range, ...]:
    """The ranges of consecutive rows that are True.

    >>> ranges_of(np.array([True, True, False, True]))
    (range(0, 2), range(3, 4))
    """
    edges = np.flatnonzero(np.diff(np.r_[False, chosen_N, False].astype(np.int8)))
    return tuple(range(int(start), int(stop)) for start, stop in zip(edges[::2], edges[1::2], strict=True))


def rows_of(ranges: tuple[range, ...]) -> np.ndarray:
    """Row numbers of ranges (int64).

    >>> rows_of((range(0, 2), range(3, 4))).tolist()
    [0, 1, 3]
    """
    return np.concatenate([np.arange(part.start, part.stop) for part in ranges] or [np.empty(0, dtype=np.int64)])


def inner_rows(
    free_N: np.ndarray, known_at_N: np.ndarray, label_end_N: np.ndarray, validation_fraction: float
) -> tuple[np.ndarray, np.ndarray]:
    """Training and validation rows of the rows that are free to use."""
    rows = np.flatnonzero(free_N)
    chosen = round(len(rows) * validation_fraction)
    validation_N = np.zeros(len(free_N), dtype=bool)
    if chosen == 0:
        return free_N, validation_N
    validation_N[rows[-chosen:]] = True
    train_N = free_N & ~validation_N
    for stretch in ranges_of(validation_N):
        train_N &= ~meets(stretch, known_at_N, label_end_N)
    return train_N, validation_N


def _check_groups(units: int, groups: int, test_groups: int, unit: Unit) -> None:
    if not 0 < test_groups < groups <= units:
        raise ConfigError(
            f"combinatorial splits need 0 < {key('test_groups')} < groups <= units of the data, got "
            f"{key('test_groups')}={test_groups}, groups={groups}, {units} {unit}."
        )


def _check_fold(fold: CombinatorialFold, *, needs_validation: bool) -> None:
    train, validation = sum(map(len, fold.train)), sum(map(len, fold.validation))
    if train < MIN_TRAINING_ROWS or (needs_validation and not validation):
        raise DataError(
            f"{a_fold_needs(train, validation, needs_validation=needs_validation)} in the fold that tests groups "
            f"{fold.groups}, after purging {fold.purged} rows and an embargo of {fold.embargoed}. Give more bars, "
            f"fewer {key('test_groups')} or a shorter embargo."
        )
