"""The audit at the start of every training run: a sample of what ``tailproof check --audit`` tries in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tailproof.auditing.audit import Auditor
from tailproof.auditing.finding import Audit
from tailproof.auditing.fitted import Fit
from tailproof.core.records import Bars, Design, Fold
from tailproof.features import Feature
from tailproof.targets import forward_return


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How often each rule is put to the test."""

    cuts: int
    rows: int
    labels: int


SAMPLED = Effort(cuts=8, rows=3, labels=3)
THOROUGH = Effort(cuts=60, rows=20, labels=30)


def audit_features(
    bars: Bars, features: Sequence[Feature], *, horizon: int, random: np.random.Generator, effort: Effort = SAMPLED
) -> Audit:
    """Audit bars, features and the forward return; nothing is fitted, nothing is raised."""
    return _bars_and_features(bars, features, horizon=horizon, random=random, effort=effort).report()


def audit_training(
    bars: Bars,
    features: Sequence[Feature],
    design: Design,
    fold: Fold,
    fit: Fit,
    *,
    horizon: int,
    random: np.random.Generator,
    effort: Effort = SAMPLED,
) -> Audit:
    """Audit all that a training run rests on; see ``Auditor`` for the parts."""
    auditor = _bars_and_features(bars, features, horizon=horizon, random=random, effort=effort)
    auditor.fitted(design, fold, fit)
    return auditor.report()


def _bars_and_features(
    bars: Bars, features: Sequence[Feature], *, horizon: int, random: np.random.Generator, effort: Effort
) -> Auditor:
    auditor = Auditor(bars, random)
    auditor.order()
    auditor.features(features, cuts=effort.cuts, rows=effort.rows)
    auditor.labels(lambda part: forward_return(part, horizon=horizon), horizon=horizon, count=effort.labels)
    return auditor
