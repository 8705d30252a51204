"""The audit at the start of every training run: a sample of what ``tailproof check --audit`` tries in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tailproof.audit.auditor import MAX_VALUES, Auditor
from tailproof.audit.finding import Audit
from tailproof.audit.fitted import FitStatistics
from tailproof.audit.labels import BoundLabel
from tailproof.bars import Merged
from tailproof.core.records import Bars, Design, Fold
from tailproof.features import Feature


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How often each rule is put to the test."""

    cuts: int
    rows: int
    labels: int
    values: int
    """Feature values computed to put every row before replaced bars."""
    believe_formulas: bool
    """Whether a formula that can only look back is believed, without putting every row before replaced bars."""


SAMPLED = Effort(cuts=8, rows=3, labels=3, values=MAX_VALUES, believe_formulas=True)
THOROUGH = Effort(cuts=60, rows=20, labels=30, values=40 * MAX_VALUES, believe_formulas=False)
MAX_MERGED = 100_000
"""Consecutive bars on which a merge is tried again."""


def audit_features(
    bars: Bars,
    features: Sequence[Feature],
    label: BoundLabel,
    *,
    horizon: int,
    random: np.random.Generator,
    effort: Effort = SAMPLED,
) -> Audit:
    """Audit bars, features and labels; nothing is fitted, nothing is raised."""
    return _bars_and_features(bars, features, label, horizon=horizon, random=random, effort=effort).report()


def audit_training(
    bars: Bars,
    features: Sequence[Feature],
    label: BoundLabel,
    design: Design,
    fold: Fold,
    fit: FitStatistics,
    *,
    horizon: int,
    random: np.random.Generator,
    effort: Effort = SAMPLED,
    merged: Sequence[Merged] = (),
) -> Audit:
    """Audit everything that a training run rests on, ``merged`` series included; see ``Auditor`` for the parts."""
    auditor = _bars_and_features(bars, features, label, horizon=horizon, random=random, effort=effort)
    audit_merges(auditor, merged, features, count=effort.rows)
    auditor.same_again(features, label, design)
    auditor.file_columns(features, merged=[column for one in merged for column in one.columns])
    auditor.fitted(design, fold, fit)
    return auditor.report()


def audit_merges(auditor: Auditor, merged: Sequence[Merged], features: Sequence[Feature], *, count: int) -> None:
    """Put every joined series to the test on some of the bars, with the features of its own rows."""
    whole = auditor.bars
    for one in merged:
        auditor.bars = _some_bars(one.before, auditor.random)
        some = one.near(auditor.bars)
        auditor.merge(
            some, some.again, features=[each for each in features if each.series == one.series.label], count=count
        )
    auditor.bars = whole


def _some_bars(bars: Bars, random: np.random.Generator) -> Bars:
    start = int(random.integers(0, max(len(bars) - MAX_MERGED, 0) + 1))
    return replace(bars, frame=bars.frame.slice(start, MAX_MERGED))


def _bars_and_features(
    bars: Bars,
    features: Sequence[Feature],
    label: BoundLabel,
    *,
    horizon: int,
    random: np.random.Generator,
    effort: Effort,
) -> Auditor:
    auditor = Auditor(bars, random)
    auditor.order()
    auditor.features(
        features,
        cuts=effort.cuts,
        rows=effort.rows,
        values=effort.values,
        horizon=horizon,
        believe_formulas=effort.believe_formulas,
    )
    auditor.labels(label, horizon=horizon, count=effort.labels)
    return auditor
