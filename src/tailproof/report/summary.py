"""The lines before a run trains: the data, the target, the model."""

from __future__ import annotations

import numpy as np

from tailproof.arrays.times import as_datetimes
from tailproof.core.records import Bars, CombinatorialFold, Design, Fold
from tailproof.models.spec import NetSpec
from tailproof.settings.optimisation_settings import OptimisationSettings
from tailproof.settings.population_settings import PopulationSettings
from tailproof.statistics.moments import excess_kurtosis

MOST_LINES = 30
"""Folds that are all shown; of more, the first two and the last."""


def data_summary(
    bars: Bars,
    notes: tuple[str, ...],
    design: Design,
    folds: tuple[Fold | CombinatorialFold, ...],
    shipped: Fold,
    rested: tuple[str, ...],
) -> list[str]:
    """Bars, features, rows kept and lost, and the folds with their times."""
    lines = [f"Data: {bars.source}", *(f"  {note}" for note in bars.notes)]
    lines.append(f"Features: {len(design.names)} ({', '.join(design.names)})")
    lines += [f"  {note}" for note in notes]
    if rested:
        lines.append(f"  IQR of zero on the training rows, scaled by standard deviation instead: {', '.join(rested)}.")
    lost = "; ".join(f"{count:,} {reason}" for reason, count in design.dropped.items() if count)
    lines.append(f"Rows: {len(design):,} of {len(bars):,} bars" + (f"; left out: {lost}" if lost else ""))
    if len(folds) == 1:
        return lines + _fold_parts(design, shipped)
    numbered = [f"  fold {number}  {_fold_line(design, fold)}" for number, fold in enumerate(folds, start=1)]
    lines += numbered if len(folds) <= MOST_LINES else [*numbered[:2], f"  ... {len(folds):,} folds", numbered[-1]]
    lines.append(f"  shipped {_fold_line(design, shipped)}")
    return lines


def _fold_parts(design: Design, fold: Fold) -> list[str]:
    parts = {"train": fold.train, "validation": fold.validation, "test": fold.test}
    if fold.judged_on_validation:
        parts = {"train": fold.train, "validation = test": fold.test}
    lines = [f"  {name:<17} {len(rows):>9,} rows  {_span(design, rows)}" for name, rows in parts.items() if len(rows)]
    lines.append(f"  {'purged':<17} {fold.purged:>9,} rows  whose label ends inside the next part")
    if fold.judged_on_validation:
        lines.append("  The best epoch is chosen on the rows that are reported: read the result as an upper bound.")
    return lines


def _fold_line(design: Design, fold: Fold | CombinatorialFold) -> str:
    tests = (fold.test,) if isinstance(fold, Fold) else fold.test
    tested = sum(map(len, tests))
    spans = " and ".join(_span(design, rows) for rows in tests if len(rows))
    test = f"  test {tested:>9,} rows, {spans}" if tested else ""
    left_out = f"  {fold.purged + fold.embargoed:,} purged" if fold.purged + fold.embargoed else ""
    return f"train {_size(fold.train):>9,}  validation {_size(fold.validation):>8,}{test}{left_out}"


def _size(rows: range | tuple[range, ...]) -> int:
    return len(rows) if isinstance(rows, range) else sum(map(len, rows))


def target_summary(return_N: np.ndarray, target_N: np.ndarray) -> list[str]:
    """The training target before and after its transform: range, tails, share of zero returns."""
    zero = float((return_N == 0.0).mean())
    header = (
        f"{'Target (training rows)':<24} {'lowest':>12} {'highest':>12} {'excess kurtosis':>16} {'zero returns':>13}"
    )
    rows = [("  forward return", return_N), ("  as learned", target_N)]
    return [header] + [
        f"{name:<24} {values_N.min():>12.6f} {values_N.max():>12.6f} {excess_kurtosis(values_N):>16.2f} {zero:>13.1%}"
        for name, values_N in rows
    ]


def model_summary(
    spec: NetSpec,
    optimisation: OptimisationSettings,
    population: PopulationSettings,
    *,
    warmup_steps: int,
    window: int | None = None,
) -> list[str]:
    """The network and how it is trained, in windows of so many rows or on all of them shuffled."""
    windows = [] if window is None else [f"  Rows are shuffled in windows of {window:,} consecutive ones."]
    return [
        f"Model: {spec.parameter_count:,} parameters",
        f"  {spec.describe()}",
        f"  Huber loss (delta {optimisation.huber_delta:g}), AdamW, learning rate 0 → {optimisation.learning_rate:g} "
        f"over {warmup_steps:,} applied steps, then {optimisation.schedule}; batch {optimisation.batch_size:,}, "
        f"{optimisation.epochs} epochs, {population.members} member{'s' * (population.members > 1)}, "
        f"seed {population.seed}",
        *windows,
    ]


def _span(design: Design, rows: range) -> str:
    first, last = as_datetimes(design.known_at_N[[rows.start, rows.stop - 1]]).astype("datetime64[m]")
    return f"{str(first).replace('T', ' ')} to {str(last).replace('T', ' ')} UTC"
