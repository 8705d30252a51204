"""Which rows train, choose and test, fold by fold; how far the placebos' targets are shifted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tailproof.arrays.ranges import ceil_div
from tailproof.arrays.scratch import rows_array
from tailproof.core.errors import ConfigError
from tailproof.core.randomness import generator
from tailproof.core.records import CombinatorialFold, Design, Fold
from tailproof.evaluation import placebo_shifts, shifted_rows
from tailproof.evaluation.groups import group_numbers
from tailproof.settings.train_settings import TrainSettings
from tailproof.splits import Unit, chronological, combinatorial_purged, latest_window, walk_forward
from tailproof.walkforward.part import tested

FEWEST_UNITS_A_FOLD = 2
MOST_TREE_FITS = 20
"""Times that LightGBM is fitted in a walk-forward of more folds."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The folds to judge, the window to ship, and what the placebos learn."""

    folds: tuple[Fold | CombinatorialFold, ...]
    shipped: Fold
    """The window of the model that the run folder holds: the fold itself in a holdout, else the latest rows."""
    group_N: np.ndarray
    """int64 number of the session (or month) of each row: what statistics resample and placebos shift by."""
    placebo_row_KN: tuple[np.ndarray, ...]
    """For each placebo the row (int32) whose target each row takes."""
    notes: tuple[str, ...]

    @property
    def ships_its_own(self) -> bool:
        """Whether the shipped model is another one than those that were judged."""
        return self.shipped is not self.folds[-1]

    def model_steps(self, settings: TrainSettings) -> int:
        """Steps of all networks in all windows, should no member stop early."""
        judged = settings.members * (1 + len(self.placebo_row_KN))
        windows = [(fold, judged) for fold in self.folds]
        if self.ships_its_own:
            windows.append((self.shipped, settings.members))
        later = settings.warm_epochs if settings.warm_start else settings.epochs
        steps = 0
        for number, (fold, networks) in enumerate(windows):
            rows = len(fold.train) if isinstance(fold, Fold) else sum(len(part) for part in fold.train)
            steps += (later if number else settings.epochs) * ceil_div(rows, settings.batch_size) * networks
        return steps

    @property
    def judged_on_validation(self) -> bool:
        """Whether the best epoch was chosen on the rows that are reported."""
        return any(isinstance(fold, Fold) and fold.judged_on_validation for fold in self.folds)

    @property
    def paths(self) -> int:
        """Forecasts that each tested row gets, each from a population trained on other rows."""
        return 1 + max(max(fold.paths) if isinstance(fold, CombinatorialFold) else 0 for fold in self.folds)

    @property
    def tree_fit_every(self) -> int:
        """Folds from one fit of LightGBM to the next: 1 in all but a walk-forward of very many folds."""
        return _tree_fit_every(self.folds)

    @property
    def test_starts(self) -> np.ndarray:
        """First row of each stretch that is tested (int64, rising, each once)."""
        return np.unique([rows.start for fold in self.folds for rows in tested(fold)])


def make_plan(design: Design, settings: TrainSettings) -> Plan:
    """Folds and placebos for a design.

    Groups are sessions or calendar months, whichever are more (daily bars have months). With ``unit`` auto, folds count
    the same groups, or rows where there are fewer than two groups a fold. Placebos shift targets by whole groups;
    where there are too few groups for as many different shifts as were asked for, there are fewer placebos, and it is
    said.

    Raises:
        ConfigError: the fractions leave nothing to test, or a warm start has no fold before it.
        DataError: a part has too few rows.
    """
    if settings.warm_start and settings.split != "walk-forward":
        raise ConfigError(
            f"warm-start needs folds that follow one another in time, however: split={settings.split}. "
            "Set split=walk-forward, or leave warm-start out."
        )
    by_month = _count(group_numbers(design.session_N, design.known_at_N, daily=True)) > _count(design.session_N)
    group_N = group_numbers(design.session_N, design.known_at_N, daily=by_month)
    folds, shipped, unit = _folds(design, group_N, settings, by_month=by_month)
    shifts = _shifts(group_N, settings)
    return Plan(
        folds=folds,
        shipped=shipped,
        group_N=group_N,
        placebo_row_KN=_placebo_rows(group_N, shifts),
        notes=_notes(settings, folds, unit, shifts=len(shifts), groups=_count(group_N), by_month=by_month),
    )


def _folds(
    design: Design, group_N: np.ndarray, settings: TrainSettings, *, by_month: bool
) -> tuple[tuple[Fold | CombinatorialFold, ...], Fold, Unit]:
    times = (design.known_at_N, design.label_end_N, design.session_N)
    if settings.split == "holdout":
        fold = chronological(
            design.known_at_N,
            design.label_end_N,
            train_fraction=settings.first_train_fraction,
            validation_fraction=settings.validation_fraction,
            embargo=settings.embargo_span,
        )
        return (fold,), fold, "rows"
    unit = _unit(group_N, settings, by_month=by_month)
    shipped = latest_window(
        *times,
        unit=unit,
        window=settings.window,
        train_fraction=settings.first_train_fraction,
        validation_fraction=settings.validation_fraction,
        embargo=settings.embargo_span,
    )
    if settings.split == "combinatorial":
        combinations = combinatorial_purged(
            *times,
            groups=settings.groups,
            test_groups=settings.test_groups,
            unit=unit,
            validation_fraction=settings.validation_fraction,
            embargo=settings.embargo_span,
        )
        return combinations, shipped, unit
    folds = walk_forward(
        *times,
        folds=None if settings.refit_every else settings.folds,
        every=max(settings.refit_every, 1),
        unit=unit,
        window=settings.window,
        train_fraction=settings.first_train_fraction,
        validation_fraction=settings.validation_fraction,
        embargo=settings.embargo_span,
    )
    return folds, shipped, unit


def _unit(group_N: np.ndarray, settings: TrainSettings, *, by_month: bool) -> Unit:
    """What was asked for; else sessions (months of daily bars), or rows where there are too few of them."""
    if settings.unit != "auto":
        return settings.unit
    stretches = settings.groups if settings.split == "combinatorial" else settings.folds
    tested_share = 1.0 if settings.split == "combinatorial" else 1.0 - settings.first_train_fraction
    if not settings.refit_every and _count(group_N) < FEWEST_UNITS_A_FOLD * stretches / tested_share:
        return "rows"
    return "months" if by_month else "sessions"


def _shifts(group_N: np.ndarray, settings: TrainSettings) -> np.ndarray:
    count = min(settings.placebos, _count(group_N) - 1)
    if count < 1:
        return np.empty(0, dtype=np.int64)
    return placebo_shifts(group_N, count=count, rng=generator(settings.seed, "placebos"))


def _placebo_rows(group_N: np.ndarray, shifts: np.ndarray) -> tuple[np.ndarray, ...]:
    row_KN = rows_array((len(shifts), len(group_N)), np.int32)
    for row_N, source_N in zip(row_KN, shifted_rows(group_N, shifts.tolist()) if len(shifts) else (), strict=True):
        row_N[:] = source_N
    return tuple(row_KN)


def _notes(
    settings: TrainSettings,
    folds: tuple[Fold | CombinatorialFold, ...],
    unit: Unit,
    *,
    shifts: int,
    groups: int,
    by_month: bool,
) -> tuple[str, ...]:
    name = "months" if by_month else "sessions"
    population = f"{settings.members} members and {shifts} placebos of as many"
    shipped = "the shipped members are trained on the latest window and are judged by none of the figures below."
    if settings.split == "holdout":
        notes = [f"Judged by one split in time: {population}."]
    elif settings.split == "combinatorial":
        paths = math.comb(settings.groups - 1, settings.test_groups - 1)
        notes = [
            f"Judged by combinatorial purged cross-validation: {len(folds)} folds, each testing {settings.test_groups} "
            f"of {settings.groups} stretches of {unit}, {population} each. Every row is forecast by {paths} of them, "
            "none of which trained on it; what is judged is the mean of these forecasts, of members, placebos and "
            f"baselines alike. Folds train on later rows too, so nobody could have earned this; {shipped}"
        ]
    else:
        warm = ", each from the members of the fold before it" if settings.warm_start else ""
        notes = [
            f"Judged by walk-forward: {len(folds)} folds by {unit}, {settings.window} window{warm}, {population} each; "
            f"{shipped}"
        ]
        if settings.baselines and (every := _tree_fit_every(folds)) > 1:
            notes.append(
                f"LightGBM is fitted on one fold in {every} and forecasts until the next; the other baselines are "
                "fitted on each."
            )
    if shifts < settings.placebos:
        notes.append(
            f"Warning: {settings.placebos} placebos were asked for, but {groups} {name} allow only {shifts} different "
            "shifts by whole ones."
        )
    return tuple(notes)


def _tree_fit_every(folds: tuple[Fold | CombinatorialFold, ...]) -> int:
    """Folds of a combinatorial split test what others train on: there every fold needs its own trees."""
    return ceil_div(len(folds), MOST_TREE_FITS) if isinstance(folds[0], Fold) else 1


def _count(number_N: np.ndarray) -> int:
    """Runs of equal numbers."""
    return int(np.count_nonzero(np.diff(number_N))) + 1
