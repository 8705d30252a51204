"""Which rows train, choose and test, fold by fold; how far the placebos' targets are shifted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tailproof.core.randomness import generator
from tailproof.core.records import Design, Fold
from tailproof.core.settings import TrainSettings
from tailproof.evaluation import placebo_shifts, shifted_rows
from tailproof.evaluation.groups import group_numbers
from tailproof.splits import Unit, chronological, latest_window, walk_forward

FEWEST_UNITS_A_FOLD = 2


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The folds to judge, the window to ship, and what the placebos learn."""

    folds: tuple[Fold, ...]
    shipped: Fold
    """The window of the model that the run folder holds: the fold itself in a holdout, else the latest rows."""
    group_N: np.ndarray
    """int64 number of the session (or month) of each row: what statistics resample and placebos shift by."""
    placebo_row_KN: tuple[np.ndarray, ...]
    """For each placebo the row whose target each row takes."""
    notes: tuple[str, ...]

    @property
    def walks(self) -> bool:
        """Whether the shipped model is another one than those that were judged."""
        return self.shipped is not self.folds[-1]

    def model_steps(self, settings: TrainSettings) -> int:
        """Steps of all networks in all windows, should no member stop early."""
        judged = settings.members * (1 + len(self.placebo_row_KN))
        windows = [(fold, judged) for fold in self.folds]
        if self.walks:
            windows.append((self.shipped, settings.members))
        return settings.epochs * sum(-(-len(fold.train) // settings.batch_size) * count for fold, count in windows)

    @property
    def judged_on_validation(self) -> bool:
        """Whether the best epoch was chosen on the rows that are reported."""
        return any(fold.judged_on_validation for fold in self.folds)


def make_plan(design: Design, settings: TrainSettings) -> Plan:
    """Folds and placebos for a design.

    Groups are sessions or calendar months, whichever are more (daily bars have months). Walk-forward counts
    the same groups, or in rows where there are fewer than two groups a fold. Placebos shift targets by whole groups;
    where there are too few groups for as many different shifts as were asked for, there are fewer placebos, and it is
    said.

    Raises:
        ConfigError: the fractions leave nothing to test.
        DataError: a part has too few rows.
    """
    by_month = _count(group_numbers(design.session_N, design.known_at_N, daily=True)) > _count(design.session_N)
    group_N = group_numbers(design.session_N, design.known_at_N, daily=by_month)
    folds, shipped, unit = _folds(design, group_N, settings, by_month=by_month)
    shifts = _shifts(group_N, settings)
    return Plan(
        folds=folds,
        shipped=shipped,
        group_N=group_N,
        placebo_row_KN=tuple(shifted_rows(group_N, shifts.tolist())) if len(shifts) else (),
        notes=_notes(settings, folds, unit, shifts=len(shifts), groups=_count(group_N), by_month=by_month),
    )


def _folds(
    design: Design, group_N: np.ndarray, settings: TrainSettings, *, by_month: bool
) -> tuple[tuple[Fold, ...], Fold, Unit]:
    if settings.split == "holdout":
        fold = chronological(
            design.known_at_N,
            design.label_end_N,
            train_fraction=settings.first_train_fraction,
            validation_fraction=settings.validation_fraction,
            embargo=settings.embargo,
        )
        return (fold,), fold, "rows"
    unit: Unit = "months" if by_month else "sessions"
    if _count(group_N) < FEWEST_UNITS_A_FOLD * settings.folds / (1.0 - settings.first_train_fraction):
        unit = "rows"
    times = (design.known_at_N, design.label_end_N, design.session_N)
    folds = walk_forward(
        *times,
        folds=settings.folds,
        unit=unit,
        window=settings.window,
        train_fraction=settings.first_train_fraction,
        validation_fraction=settings.validation_fraction,
        embargo=settings.embargo,
    )
    shipped = latest_window(
        *times,
        unit=unit,
        window=settings.window,
        train_fraction=settings.first_train_fraction,
        validation_fraction=settings.validation_fraction,
        embargo=settings.embargo,
    )
    return folds, shipped, unit


def _shifts(group_N: np.ndarray, settings: TrainSettings) -> np.ndarray:
    count = min(settings.placebos, _count(group_N) - 1)
    if count < 1:
        return np.empty(0, dtype=np.int64)
    return placebo_shifts(group_N, count=count, rng=generator(settings.seed, "placebos"))


def _notes(
    settings: TrainSettings, folds: tuple[Fold, ...], unit: Unit, *, shifts: int, groups: int, by_month: bool
) -> tuple[str, ...]:
    name = "months" if by_month else "sessions"
    population = f"{settings.members} members and {shifts} placebos of as many"
    if settings.split == "holdout":
        notes = [f"Judged by one split in time: {population}."]
    else:
        notes = [
            f"Judged by walk-forward: {len(folds)} folds by {unit}, {settings.window} window, {population} each; the "
            "shipped members are trained on the latest window and are judged by none of the figures below."
        ]
    if shifts < settings.placebos:
        notes.append(
            f"Warning: {settings.placebos} placebos were asked for, but {groups} {name} allow only {shifts} different "
            "shifts by whole ones."
        )
    return tuple(notes)


def _count(number_N: np.ndarray) -> int:
    """Runs of equal numbers."""
    return int(np.count_nonzero(np.diff(number_N))) + 1
