"""The same splits behind scikit-learn's ``split`` and ``get_n_splits``, for cross_val_score, GridSearchCV and the like.

scikit-learn hands a splitter nothing but X, so times are given on construction. Without them a row is one bar, and its
label ends ``horizon`` rows later.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from numbers import Integral, Real
from typing import Any, get_args

import numpy as np

from tailproof.core.choices import check_choice
from tailproof.core.errors import ConfigError, DataError
from tailproof.splits.combinatorial import combinatorial_purged, rows_of
from tailproof.splits.embargo import Embargo, read_embargo
from tailproof.splits.instants import instants, numbers_of_sessions, refuse_other_units
from tailproof.splits.units import Unit
from tailproof.splits.walk_forward import Window, walk_forward


@dataclass(frozen=True, kw_only=True, eq=False)
class WalkForward:
    """Expanding or rolling walk-forward splits, purged by label interval; see ``walk_forward``.

    Args:
        folds: number of test blocks.
        window: ``expanding`` trains on all of the past, ``rolling`` on as much as before the first test.
        unit: what is counted: rows, sessions (needs ``session``) or months (needs ``known_at``).
        train_fraction: share of the units before the first test.
        embargo: rows, or a time (a timedelta, or text such as "2h"; needs ``known_at``), that training ends before a
            test beyond purging.
        horizon: bars from a row to the end of its label; used only where ``label_end`` is not given.
        known_at: when each row is known, in order: datetimes of any kind (a pandas index or Series with or without a
            time zone, datetime64 of any unit), or int64 nanoseconds UTC. What has no time zone is UTC.
        label_end: when each row's label is known, likewise.
        session: number or name of each row's session.
        n_splits: what scikit-learn calls ``folds``; it takes the place of ``folds`` where it is given.

    Raises:
        ConfigError: an argument is out of range.

    >>> [(len(train), len(test)) for train, test in WalkForward(folds=2, horizon=3).split(np.zeros((100, 1)))]
    [(48, 25), (73, 25)]
    """

    folds: int = 5
    window: Window = "expanding"
    unit: Unit = "rows"
    train_fraction: float = 0.5
    embargo: Embargo | np.timedelta64 | str = 0
    horizon: int = 1
    known_at: Any = None
    label_end: Any = None
    session: Any = None
    n_splits: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is out of range whatever the rows are."""
        _check_whole("folds", self.folds)
        if self.n_splits is not None:
            _check_whole("n_splits", self.n_splits)
        _check_whole("horizon", self.horizon)
        check_choice("window", self.window, get_args(Window))
        check_choice("unit", self.unit, get_args(Unit))
        if not (isinstance(self.train_fraction, Real) and 0.0 < self.train_fraction < 1.0):
            raise ConfigError(f"train_fraction must be a number between 0 and 1, got {self.train_fraction!r}.")

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:  # noqa: ARG002
        """Row numbers of the training and the test part of each fold."""
        embargo = _embargo(self.embargo, self.known_at)
        known_at_N, label_end_N, session_N = _times(
            len(X), self.horizon, self.known_at, self.label_end, self.session, unit=self.unit, embargo=embargo
        )
        folds = walk_forward(
            known_at_N,
            label_end_N,
            session_N,
            folds=self.get_n_splits(),
            unit=self.unit,
            window=self.window,
            train_fraction=self.train_fraction,
            validation_fraction=0.0,
            embargo=embargo,
        )
        for fold in folds:
            yield rows_of((fold.train,)), rows_of((fold.test,))

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: ARG002
        """Number of folds."""
        return self.folds if self.n_splits is None else self.n_splits


@dataclass(frozen=True, kw_only=True, eq=False)
class CombinatorialPurged:
    """Combinatorial purged cross-validation; see ``combinatorial_purged``. A fold's test rows come as one array.

    Folds train on rows later than those they test: good for judging how far a result depends on one history, never
    for what could have been earned.

    >>> splitter = CombinatorialPurged(groups=4, test_groups=2)
    >>> splitter.get_n_splits(), splitter.paths
    (6, 3)
    """

    groups: int = 6
    test_groups: int = 2
    unit: Unit = "rows"
    embargo: Embargo | np.timedelta64 | str = 0
    horizon: int = 1
    known_at: Any = None
    label_end: Any = None
    session: Any = None

    def __post_init__(self) -> None:
        """Refuse what is out of range whatever the rows are."""
        _check_whole("groups", self.groups, least=2)
        _check_whole("test_groups", self.test_groups)
        _check_whole("horizon", self.horizon)
        check_choice("unit", self.unit, get_args(Unit))
        if self.test_groups >= self.groups:
            raise ConfigError(
                f"test_groups must be less than groups, got test_groups={self.test_groups} and groups={self.groups}."
            )

    @property
    def paths(self) -> int:
        """Number of backtest paths, each of which forecasts every row once."""
        return math.comb(self.groups - 1, self.test_groups - 1)

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:  # noqa: ARG002
        """Row numbers of the training and the test part of each fold."""
        embargo = _embargo(self.embargo, self.known_at)
        known_at_N, label_end_N, session_N = _times(
            len(X), self.horizon, self.known_at, self.label_end, self.session, unit=self.unit, embargo=embargo
        )
        folds = combinatorial_purged(
            known_at_N,
            label_end_N,
            session_N,
            groups=self.groups,
            test_groups=self.test_groups,
            unit=self.unit,
            validation_fraction=0.0,
            embargo=embargo,
        )
        for fold in folds:
            yield rows_of(fold.train), rows_of(fold.test)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: ARG002
        """Number of folds."""
        return math.comb(self.groups, self.test_groups)


def _check_whole(name: str, value: Any, *, least: int = 1) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ConfigError(f"{name} must be a whole number of at least {least}, got {value!r}.")


def _embargo(value: Any, known_at: Any) -> Embargo:
    """The embargo in rows or in time, which needs the times of the rows."""
    embargo = read_embargo(value)
    if isinstance(embargo, timedelta) and known_at is None:
        raise DataError(f"an embargo in time needs the times of the rows, got embargo={value!r} without known_at.")
    return embargo


def _times(
    rows: int, horizon: int, known_at: Any, label_end: Any, session: Any, *, unit: Unit, embargo: Embargo
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times of the rows, from row numbers where none were given."""
    if (known_at is None) != (label_end is None):
        raise DataError("known_at and label_end must be given together, but only one of them is.")
    missing = {"rows": None, "sessions": session, "months": known_at}
    if unit != "rows" and missing[unit] is None:
        raise DataError(f"to split by {unit}, give {'session' if unit == 'sessions' else 'known_at'} on construction.")
    row_N = np.arange(rows, dtype=np.int64)
    known_at_N = row_N if known_at is None else instants(known_at, name="known_at")
    if isinstance(embargo, timedelta) or unit == "months":
        needed_by = "months are counted" if unit == "months" else "the embargo is a time"
        refuse_other_units(known_at, known_at_N, needed_by=needed_by)
    label_end_N = row_N + horizon if label_end is None else instants(label_end, name="label_end")
    session_N = row_N if session is None else numbers_of_sessions(session)
    for name, value_N in (("known_at", known_at_N), ("label_end", label_end_N), ("session", session_N)):
        if len(value_N) != rows:
            raise DataError(f"{name} must have one value per row of X, got {len(value_N)} values for {rows} rows.")
    return known_at_N, label_end_N, session_N
