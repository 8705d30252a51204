"""The lines before a run trains: the data, the target, the model; what a screen leaves out is marked as a detail."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tailproof.arrays.times import as_datetimes
from tailproof.core.counted import counted
from tailproof.core.events import WARNING, LogLine, details, texts
from tailproof.core.records import Bars, CombinatorialFold, Design, Fold
from tailproof.core.surface import setting, worded
from tailproof.core.target_tails import TargetTails
from tailproof.models.spec import NetSpec
from tailproof.settings.durations import describe_duration
from tailproof.settings.optimisation_settings import OptimisationSettings
from tailproof.settings.population_settings import PopulationSettings

MAX_LOST = 0.1
"""Share of the bars that may give no row without a warning."""
MAX_FOLD_LINES = 30
"""Folds that are all listed; of more, the first two and the last."""


def data_summary(
    bars: Bars,
    notes: tuple[str, ...],
    design: Design,
    folds: tuple[Fold | CombinatorialFold, ...],
    shipped: Fold,
    zero_iqr_features: tuple[str, ...],
) -> list[LogLine]:
    """Bars, features, rows kept and lost; in detail the notes on the bars and the folds with their times."""
    rows = f"Rows: {len(design):,} of {counted(len(bars), 'bar')}, {counted(len(design.names), 'feature')}"
    lost = "; ".join(f"{count:,} {reason}" for reason, count in design.dropped.items() if count)
    details_of_rows = [
        f"  Features: {', '.join(design.names)}",
        *(f"  {note}" for note in notes),
        *(
            [f"  IQR of zero on the training rows, scaled by standard deviation: {', '.join(zero_iqr_features)}."]
            * bool(zero_iqr_features)
        ),
        *([f"  Left out: {lost}."] * bool(lost)),
        *_fold_lines(design, folds, shipped),
    ]
    warnings = rows_lost_warning(design.dropped, bars=len(bars), segments=bars.frame["segment"].n_unique())
    return [*bars_summary(bars), *texts([rows, *warnings]), *details(details_of_rows)]


def rows_lost_warning(dropped: Mapping[str, int], *, bars: int, segments: int) -> list[str]:
    """A warning where more than a tenth of the bars gives no row, with the settings that keep more.

    >>> rows_lost_warning({"a feature not yet known": 5, "no label": 4}, bars=90, segments=1)
    []
    """
    lost = sum(dropped.values())
    if lost <= MAX_LOST * bars:
        return []
    reason = max(dropped, key=lambda why: dropped[why])
    longer = f"let the {segments:,} segments run on over breaks with {setting('session_gap')}, or " * (segments > 1)
    cure = f"{longer}take features with a shorter look-back with {setting('features')}"
    share = f"{lost:,} of {counted(bars, 'bar')} ({lost / bars:.0%}) give no row"
    return [worded(f"  {WARNING}{share}, most for this reason: {reason}. To keep more, {cure}.")]


def bars_summary(bars: Bars) -> list[LogLine]:
    """Where the bars come from, their span and the warnings about them; in detail every note."""
    return [
        *texts([f"Data: {bars.source}", f"  {_span_of_bars(bars)}", *_warnings_in_brief(bars)]),
        *details(f"  {note}" for note in bars.notes),
    ]


def _span_of_bars(bars: Bars) -> str:
    time = bars.frame["time"]
    first, last = (f"{each:%Y-%m-%d}" if bars.daily else f"{each:%Y-%m-%d %H:%M} UTC" for each in (time[0], time[-1]))
    segments = counted(bars.frame["segment"].n_unique(), "unbroken stretch", "unbroken stretches")
    return f"{counted(len(bars), 'bar')} of {describe_duration(bars.bar_length)} in {segments}, {first} to {last}"


def _warnings_in_brief(bars: Bars) -> list[str]:
    """One line that names every warning about the bars, without what follows its count of rows."""
    brief = [
        re.split(r" \(|[;:] (?!\d)", note.removeprefix(WARNING))[0] for note in bars.notes if note.startswith(WARNING)
    ]
    if not brief:
        return []
    return [f"  {counted(len(brief), 'warning')}, each explained in the log: {'; '.join(brief)}."]


def _fold_lines(design: Design, folds: tuple[Fold | CombinatorialFold, ...], shipped: Fold) -> list[str]:
    if len(folds) == 1:
        return _fold_parts(design, shipped)
    numbered = [f"  fold {number}  {_fold_line(design, fold)}" for number, fold in enumerate(folds, start=1)]
    if len(folds) > MAX_FOLD_LINES:
        numbered = [*numbered[:2], f"  ... {counted(len(folds), 'fold')}", numbered[-1]]
    return [*numbered, f"  shipped {_fold_line(design, shipped)}"]


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


def target_summary(target: TargetTails) -> list[LogLine]:
    """The training target before and after its transform, in detail: range, tails, share of zero returns."""
    header = (
        f"{'Target (training rows)':<24} {'lowest':>12} {'highest':>12} {'excess kurtosis':>16} {'zero returns':>13}"
    )
    rows = [("  forward return", target.returns), ("  as learned", target.targets)]
    return details(
        [header]
        + [
            f"{name:<24} {tails.lowest:>12.6f} {tails.highest:>12.6f} {tails.excess_kurtosis:>16.2f} "
            f"{target.zero_returns:>13.1%}"
            for name, tails in rows
        ]
    )


def model_summary(
    spec: NetSpec,
    optimisation: OptimisationSettings,
    population: PopulationSettings,
    *,
    warmup_steps: int,
    window: int | None = None,
    interactions: str = "",
) -> list[LogLine]:
    """The network, the interactions beside it in words, and how it is trained, in windows of so many rows or on all of
    them shuffled."""
    windows = [] if window is None else [f"  Rows are shuffled in windows of {window:,} consecutive ones."]
    brief = (
        f"Model: {counted(spec.parameter_count, 'parameter')}, {counted(population.members, 'member')}, "
        f"{counted(optimisation.epochs, 'epoch')}, batch {optimisation.batch_size:,}, "
        f"learning rate {optimisation.learning_rate:g}, seed {population.seed}"
    )
    return [
        *texts([brief]),
        *details(
            [
                f"  {spec.describe()}",
                *(
                    [f"  Interactions of squashed inputs, in the window shipped: {interactions}"]
                    if interactions
                    else []
                ),
                f"  Huber loss (delta {optimisation.huber_delta:g}), AdamW, learning rate 0 → "
                f"{optimisation.learning_rate:g} over {counted(warmup_steps, 'applied step')}, then "
                f"{optimisation.schedule}",
                *windows,
            ]
        ),
    ]


def _span(design: Design, rows: range) -> str:
    first, last = as_datetimes(design.known_at_N[[rows.start, rows.stop - 1]]).astype("datetime64[m]")
    return f"{str(first).replace('T', ' ')} to {str(last).replace('T', ' ')} UTC"
