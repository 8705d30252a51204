"""Walk-forward: train on the past, judge the stretch that follows, move on, as a trader would have had to."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from tailproof.arrays.ranges import ceil_div
from tailproof.core.choices import check_choice
from tailproof.core.counted import counted
from tailproof.core.errors import ConfigError, DataError
from tailproof.core.records import Fold
from tailproof.core.surface import key
from tailproof.splits.embargo import Embargo, check_embargo
from tailproof.splits.purge import check_times, purge_earlier
from tailproof.splits.units import Unit, unit_edges

MIN_TRAINING_ROWS = 10

Window = Literal["expanding", "rolling"]


def walk_forward(
    known_at_N: np.ndarray,
    label_end_N: np.ndarray,
    session_N: np.ndarray,
    *,
    folds: int | None = 5,
    every: int = 1,
    unit: Unit = "sessions",
    window: Window = "expanding",
    train_fraction: float = 0.5,
    validation_fraction: float = 0.1,
    embargo: Embargo = 0,
) -> tuple[Fold, ...]:
    """Folds whose test parts follow each other without gap or overlap, each with only its past to learn from.

    The first ``train_fraction`` of the units is never tested. The rest is cut into ``folds`` blocks of as many units
    each, give or take one; ``folds=None`` makes blocks of ``every`` units, however many that gives (1 refits every
    session), of which the last may be shorter. The window of a block is all rows before it (``expanding``), or as many
    units before it as the first block has (``rolling``). The last ``validation_fraction`` of the window's units chooses
    (epochs, penalties); the rest trains. Purging cuts the end of training against the validation part (or the test
    part), and the end of validation against the test part.

    An embargo keeps training from validation, and both from the test, by that much more. It is not needed for honesty
    here, since nothing trains on what comes after a test; it answers "how much of this is the last hour before?".

    Known when: every row of a fold's train and validation part, label included, is known at ``known_at`` of the first
    test row. A forecast of a test row can be traded from its own ``known_at`` on.

    >>> known = np.arange(100)
    >>> folds = walk_forward(known, known + 3, known // 10, folds=2, train_fraction=0.6, validation_fraction=0.2)
    >>> [(fold.train, fold.validation, fold.test) for fold in folds]
    [(range(0, 48), range(50, 58), range(60, 80)), (range(0, 58), range(60, 78), range(80, 100))]

    Raises:
        ConfigError: fewer units than the folds need.
        DataError: purging leaves a fold fewer than 10 training rows, or no validation row.
    """
    check_choice("window", window, get_args(Window))
    check_embargo(embargo)
    check_times(known_at_N, label_end_N)
    edge_U = unit_edges(known_at_N, session_N, unit)
    units = len(edge_U) - 1
    first = round(units * train_fraction)
    blocks = ceil_div(units - first, every) if folds is None else folds
    _check_units(units, first, blocks, unit)
    block_edge_B = first + (units - first) * np.arange(blocks + 1) // blocks
    if folds is None:
        block_edge_B = np.minimum(first + every * np.arange(blocks + 1), units)
    purged_folds = []
    for number in range(blocks):
        start, stop = int(block_edge_B[number]), int(block_edge_B[number + 1])
        begin = start - first if window == "rolling" else 0
        inner = start - _validation_units(start - begin, validation_fraction)
        train, validation, test = (
            range(int(edge_U[left]), int(edge_U[right]))
            for left, right in ((begin, inner), (inner, start), (start, stop))
        )
        fold = _purged(train, validation, test, known_at_N, label_end_N, embargo=embargo)
        _check_fold(fold, number, blocks, needs_validation=validation_fraction > 0.0)
        purged_folds.append(fold)
    return tuple(purged_folds)


def latest_window(
    known_at_N: np.ndarray,
    label_end_N: np.ndarray,
    session_N: np.ndarray,
    *,
    unit: Unit = "sessions",
    window: Window = "expanding",
    train_fraction: float = 0.5,
    validation_fraction: float = 0.1,
    embargo: Embargo = 0,
) -> Fold:
    """The window that a block after the last row would have: what the shipped model is fitted on. Its test is empty.

    >>> known = np.arange(100)
    >>> latest_window(known, known + 3, known // 10, validation_fraction=0.2)
    Fold(train=range(0, 78), validation=range(80, 100), test=range(100, 100), purged=2, embargoed=0)
    """
    check_choice("window", window, get_args(Window))
    check_embargo(embargo)
    check_times(known_at_N, label_end_N)
    edge_U = unit_edges(known_at_N, session_N, unit)
    units = len(edge_U) - 1
    begin = units - round(units * train_fraction) if window == "rolling" else 0
    inner = units - _validation_units(units - begin, validation_fraction)
    train, validation = range(int(edge_U[begin]), int(edge_U[inner])), range(int(edge_U[inner]), int(edge_U[units]))
    purged = embargoed = 0
    if len(validation):
        train, purged, embargoed = purge_earlier(train, validation, known_at_N, label_end_N, embargo=embargo)
    fold = Fold(
        train=train,
        validation=validation,
        test=range(len(known_at_N), len(known_at_N)),
        purged=purged,
        embargoed=embargoed,
    )
    _check_fold(fold, 0, 1, needs_validation=validation_fraction > 0.0)
    return fold


def _validation_units(window_units: int, validation_fraction: float) -> int:
    return max(1, round(window_units * validation_fraction)) if validation_fraction > 0.0 else 0


def _purged(
    train: range,
    validation: range,
    test: range,
    known_at_N: np.ndarray,
    label_end_N: np.ndarray,
    *,
    embargo: Embargo,
) -> Fold:
    purged = embargoed = 0
    if len(validation):
        validation, purged, embargoed = purge_earlier(validation, test, known_at_N, label_end_N, embargo=embargo)
    train, more_purged, more_embargoed = purge_earlier(
        train, validation if len(validation) else test, known_at_N, label_end_N, embargo=embargo
    )
    return Fold(
        train=train,
        validation=validation,
        test=test,
        purged=purged + more_purged,
        embargoed=embargoed + more_embargoed,
    )


def _check_units(units: int, first: int, blocks: int, unit: Unit) -> None:
    if blocks < 1 or first < 1 or units - first < blocks:
        raise ConfigError(
            f"each fold needs at least one of the {unit} to test, and the first one to train on, got "
            f"{counted(units, unit.removesuffix('s'))}, {first} of them before the first test, for "
            f"{counted(blocks, 'fold')}. Give more bars, fewer folds, another {key('train_fraction')} or a smaller "
            "unit."
        )


def a_fold_needs(train: int, validation: int, *, needs_validation: bool) -> str:
    """The rows that a fold must have, and those that it has, as messages begin.

    >>> a_fold_needs(3, 0, needs_validation=False)
    'each fold needs at least 10 training rows, got 3'
    """
    needed = f"each fold needs at least {MIN_TRAINING_ROWS} training rows"
    return (
        f"{needed} and a validation row, got {train} and {validation}" if needs_validation else f"{needed}, got {train}"
    )


def _check_fold(fold: Fold, number: int, blocks: int, *, needs_validation: bool) -> None:
    if len(fold.train) < MIN_TRAINING_ROWS or (needs_validation and not len(fold.validation)):
        raise DataError(
            f"{a_fold_needs(len(fold.train), len(fold.validation), needs_validation=needs_validation)} in fold "
            f"{number + 1} of {blocks}, after purging {fold.purged} rows and an embargo of {fold.embargoed}. Give more "
            "bars, fewer folds or a shorter embargo."
        )
