"""Which rows train, choose and test, fold by fold; how far the placebos' targets are shifted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from tailproof.arrays.ranges import ceil_div
from tailproof.arrays.scratch import rows_array
from tailproof.core.counted import counted
from tailproof.core.errors import ConfigError
from tailproof.core.randomness import generator
from tailproof.core.records import CombinatorialFold, Design, Fold
from tailproof.core.surface import key, setting
from tailproof.evaluation import placebo_shifts, shifted_rows
from tailproof.settings.evaluation_settings import EvaluationSettings
from tailproof.settings.optimisation_settings import OptimisationSettings
from tailproof.settings.population_settings import PopulationSettings
from tailproof.settings.split_settings import SplitSettings
from tailproof.splits import Unit, chronological, combinatorial_purged, latest_window, own_folds, walk_forward
from tailproof.statistics.groups import group_numbers
from tailproof.walkforward.part import tested

MIN_UNITS_PER_FOLD = 2
MAX_TREE_FITS = 20
"""LightGBM is fitted this often in a walk-forward of more folds."""


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
    tree_fit_every: int = 1
    """Folds from one fit of LightGBM to the next: 1 in all but a walk-forward of very many folds."""
    warm_epochs: int | None = None
    """Passes of a fold that starts from the members of the fold before it; None where each starts from its seeds."""
    expected_ic: float | None = None
    """Rank IC that was declared before the run to be an honest one of these bars."""

    @property
    def ships_its_own(self) -> bool:
        """Whether the shipped model is another one than those that were judged."""
        return self.shipped is not self.folds[-1]

    @property
    def trains_on_later_rows(self) -> bool:
        """Whether folds train on rows later than those they test, as those of a combinatorial split do."""
        return any(isinstance(fold, CombinatorialFold) for fold in self.folds)

    def model_steps(self, optimisation: OptimisationSettings, *, members: int) -> int:
        """Steps of all networks in all windows, should no member stop early."""
        networks = [members * (1 + len(self.placebo_row_KN))] * len(self.folds) + [members] * self.ships_its_own
        return sum(steps * count for steps, count in zip(self.steps(optimisation), networks, strict=True))

    def steps(self, optimisation: OptimisationSettings) -> tuple[int, ...]:
        """Steps of one network in each fold, and in the shipped window where it is none of them."""
        windows = (*self.folds, self.shipped) if self.ships_its_own else self.folds
        rows = [len(fold.train) if isinstance(fold, Fold) else sum(map(len, fold.train)) for fold in windows]
        later = self.warm_epochs or optimisation.epochs
        epochs = [optimisation.epochs] + [later] * (len(windows) - 1)
        return tuple(
            passes * ceil_div(count, optimisation.batch_size) for passes, count in zip(epochs, rows, strict=True)
        )

    @property
    def judged_on_validation(self) -> bool:
        """Whether the best epoch was chosen on the rows that are reported."""
        return any(isinstance(fold, Fold) and fold.judged_on_validation for fold in self.folds)

    @property
    def paths(self) -> int:
        """Forecasts that each tested row gets, each from a population trained on other rows."""
        return 1 + max(max(fold.paths) if isinstance(fold, CombinatorialFold) else 0 for fold in self.folds)

    @property
    def test_starts(self) -> np.ndarray:
        """First row of each stretch that is tested (int64, rising, each once)."""
        return np.unique([rows.start for fold in self.folds for rows in tested(fold)])


def make_plan(
    design: Design,
    *,
    split: SplitSettings,
    evaluation: EvaluationSettings,
    population: PopulationSettings,
    splitter: Any = None,
    max_tree_fits: int = MAX_TREE_FITS,
) -> Plan:
    """Folds and placebos for a design.

    Groups are sessions or calendar months, whichever are more (daily bars have months). With ``unit`` auto, folds count
    the same groups, or rows where there are fewer than two groups per fold. Placebos shift targets by whole groups;
    where there are too few groups for as many different shifts as were asked for, there are fewer placebos, and a
    note says so.

    Args:
        design: all rows.
        split: how they are cut into folds.
        evaluation: how many placebos there are, and whether baselines stand beside the forecasts.
        population: its seed decides the shifts of the placebos.
        splitter: splits of the caller's own in place of the settings', see ``splits.own_folds``.
        max_tree_fits: LightGBM is fitted at most this often in a walk-forward.

    Raises:
        ConfigError: the fractions leave nothing to test, or a warm start has no fold before it.
        DataError: a part has too few rows.
    """
    if split.warm_start and split.kind != "walk-forward":
        raise ConfigError(
            f"{key('warm_start')} needs folds that follow one another in time, got split={split.kind}. "
            f"Set {setting('split', 'walk-forward')}, or leave {setting('warm_start')} out."
        )
    group_N, by_month = resampled_groups(design.session_N, design.known_at_N)
    folds, shipped, unit = _folds(design, group_N, split, by_month=by_month)
    if splitter is not None:
        folds = own_folds(
            splitter,
            design.known_at_N,
            design.label_end_N,
            validation_fraction=split.validation_fraction,
            embargo=split.embargo_span,
        )
    placebo_row_KN = placebo_rows(group_N, count=evaluation.placebos, seed=population.seed)
    shifts = len(placebo_row_KN)
    every = _tree_fit_every(folds, max_tree_fits) if evaluation.baselines else 1
    return Plan(
        folds=folds,
        shipped=shipped,
        group_N=group_N,
        placebo_row_KN=placebo_row_KN,
        notes=(
            *_split_notes(
                split,
                folds,
                unit,
                own=splitter is not None,
                population=f"{counted(population.members, 'member')} and {counted(shifts, 'placebo')} of as many",
            ),
            *_tree_notes(every),
            *_shift_notes(evaluation.placebos, shifts, groups=_count(group_N), by_month=by_month),
        ),
        tree_fit_every=every,
        warm_epochs=split.warm_epochs if split.warm_start else None,
        expected_ic=evaluation.expect_ic,
    )


def resampled_groups(session_N: np.ndarray, known_at_N: np.ndarray) -> tuple[np.ndarray, bool]:
    """The group (int64) of each row that statistics resample whole, and whether groups are months.

    Groups are sessions or calendar months, whichever are more.
    """
    by_month = _count(group_numbers(session_N, known_at_N, daily=True)) > _count(session_N)
    return group_numbers(session_N, known_at_N, daily=by_month), by_month


def placebo_rows(group_N: np.ndarray, *, count: int, seed: int) -> tuple[np.ndarray, ...]:
    """For each placebo the row (int32) whose target each row takes; fewer than ``count`` where groups are few."""
    count = min(count, _count(group_N) - 1)
    if count < 1:
        return ()
    shifts = placebo_shifts(group_N, count=count, rng=generator(seed, "placebos"))
    row_KN = rows_array((len(shifts), len(group_N)), np.int32)
    for row_N, source_N in zip(row_KN, shifted_rows(group_N, shifts.tolist()), strict=True):
        row_N[:] = source_N
    return tuple(row_KN)


def _folds(
    design: Design, group_N: np.ndarray, split: SplitSettings, *, by_month: bool
) -> tuple[tuple[Fold | CombinatorialFold, ...], Fold, Unit]:
    times = (design.known_at_N, design.label_end_N, design.session_N)
    if split.kind == "holdout":
        fold = chronological(
            design.known_at_N,
            design.label_end_N,
            train_fraction=split.first_train_fraction,
            validation_fraction=split.validation_fraction,
            embargo=split.embargo_span,
        )
        return (fold,), fold, "rows"
    unit = _unit(group_N, split, by_month=by_month)
    shipped = latest_window(
        *times,
        unit=unit,
        window=split.window,
        train_fraction=split.first_train_fraction,
        validation_fraction=split.validation_fraction,
        embargo=split.embargo_span,
    )
    if split.kind == "combinatorial":
        combinations = combinatorial_purged(
            *times,
            groups=split.groups,
            test_groups=split.test_groups,
            unit=unit,
            validation_fraction=split.validation_fraction,
            embargo=split.embargo_span,
        )
        return combinations, shipped, unit
    folds = walk_forward(
        *times,
        folds=None if split.refit_every else split.folds,
        every=max(split.refit_every, 1),
        unit=unit,
        window=split.window,
        train_fraction=split.first_train_fraction,
        validation_fraction=split.validation_fraction,
        embargo=split.embargo_span,
    )
    return folds, shipped, unit


def _unit(group_N: np.ndarray, split: SplitSettings, *, by_month: bool) -> Unit:
    """The chosen unit; else sessions (months of daily bars), or rows where there are too few of them."""
    if split.unit != "auto":
        return split.unit
    stretches = split.groups if split.kind == "combinatorial" else split.folds
    tested_share = 1.0 if split.kind == "combinatorial" else 1.0 - split.first_train_fraction
    if not split.refit_every and _count(group_N) < MIN_UNITS_PER_FOLD * stretches / tested_share:
        return "rows"
    return "months" if by_month else "sessions"


def _split_notes(
    split: SplitSettings, folds: tuple[Fold | CombinatorialFold, ...], unit: Unit, *, own: bool, population: str
) -> tuple[str, ...]:
    if own:
        return (
            f"Judged by splits of your own, purged by label time: {counted(len(folds), 'fold')}, {population} each.",
        )
    shipped = "The shipped members are trained on the latest window and are judged by none of the figures below."
    if split.kind == "holdout":
        return (f"Judged by one split in time: {population}.",)
    if split.kind == "combinatorial":
        paths = math.comb(split.groups - 1, split.test_groups - 1)
        return (
            f"Judged by combinatorial purged cross-validation: {len(folds)} folds, each testing {split.test_groups} "
            f"of {split.groups} stretches of {unit}, {population} each. Every row is forecast by {paths} of them, "
            "none of which trained on it.",
            "What is judged is the mean of these forecasts, of members, placebos and baselines alike. Folds train on "
            f"later rows too, so nobody could have earned this. {shipped}",
        )
    warm = ", each from the members of the fold before it" if split.warm_start else ""
    return (
        f"Judged by walk-forward: {counted(len(folds), 'fold')} by {unit}, {split.window} window{warm}, "
        f"{population} each.",
        shipped,
    )


def _tree_notes(every: int) -> tuple[str, ...]:
    if every == 1:
        return ()
    return (
        f"LightGBM is fitted on one fold in {every} and forecasts until the next; the other baselines are fitted on "
        "each.",
    )


def _shift_notes(placebos: int, shifts: int, *, groups: int, by_month: bool) -> tuple[str, ...]:
    if shifts >= placebos:
        return ()
    return (
        f"Warning: {counted(placebos, 'placebo')} must have as many different shifts by whole "
        f"{'months' if by_month else 'sessions'}, but {counted(groups, 'month' if by_month else 'session')} "
        f"{'allows' if groups == 1 else 'allow'} {shifts if shifts else 'none'}.",
    )


def _tree_fit_every(folds: tuple[Fold | CombinatorialFold, ...], max_tree_fits: int) -> int:
    """Folds of a combinatorial split test what others train on: there every fold needs its own trees."""
    return ceil_div(len(folds), max_tree_fits) if all(isinstance(fold, Fold) for fold in folds) else 1


def _count(number_N: np.ndarray) -> int:
    """Runs of equal numbers."""
    return int(np.count_nonzero(np.diff(number_N))) + 1
