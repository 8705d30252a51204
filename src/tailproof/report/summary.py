"""What a run says before it trains: the data, the target, the model."""

from __future__ import annotations

import numpy as np

from tailproof.core.records import Bars, Design, Fold
from tailproof.core.settings import TrainSettings
from tailproof.nets.spec import NetSpec
from tailproof.report.numbers.shape import excess_kurtosis


def data_summary(
    bars: Bars,
    notes: tuple[str, ...],
    design: Design,
    folds: tuple[Fold, ...],
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
    lines += [f"  fold {number}  {_fold_line(design, fold)}" for number, fold in enumerate(folds, start=1)]
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


def _fold_line(design: Design, fold: Fold) -> str:
    test = f"  test {len(fold.test):>9,} rows, {_span(design, fold.test)}" if len(fold.test) else ""
    left_out = f"  {fold.purged + fold.embargoed:,} purged" if fold.purged + fold.embargoed else ""
    return f"train {len(fold.train):>9,}  validation {len(fold.validation):>8,}{test}{left_out}"


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


def model_summary(spec: NetSpec, settings: TrainSettings) -> list[str]:
    """The network and how it is trained."""
    return [
        f"Model: {spec.parameter_count:,} parameters",
        f"  {spec.describe()}",
        f"  Huber loss (delta {settings.huber_delta:g}), AdamW, learning rate 0 → {settings.learning_rate:g} over "
        f"{settings.warmup_steps:,} applied steps, then {settings.schedule}; batch {settings.batch_size:,}, "
        f"{settings.epochs} epochs, {settings.members} member{'s' * (settings.members > 1)}, seed {settings.seed}",
    ]


def _span(design: Design, rows: range) -> str:
    first, last = design.known_at_N[[rows.start, rows.stop - 1]].astype("datetime64[ns]").astype("datetime64[m]")
    return f"{str(first).replace('T', ' ')} to {str(last).replace('T', ' ')} UTC"
