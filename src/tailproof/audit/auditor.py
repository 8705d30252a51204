"""The causality audit shows that features, labels, merges and fitted statistics ignore what they may not know."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from tailproof.audit.bar_order import order_findings
from tailproof.audit.every_row import every_row
from tailproof.audit.expression import hidden_looks
from tailproof.audit.file_columns import unaudited_features
from tailproof.audit.finding import Audit, Finding
from tailproof.audit.fitted import FitStatistics, fitted_findings
from tailproof.audit.formula import looks_back_only
from tailproof.audit.labels import BoundLabel, changed_labels, label_findings
from tailproof.audit.merging import Merge, Series, merge_findings
from tailproof.audit.own_frame import changed_since, knows_real_bars
from tailproof.audit.prefix import describe_change, prefix_findings
from tailproof.audit.start_up import start_up_findings
from tailproof.core.errors import LeakError
from tailproof.core.records import Bars, Design, Fold
from tailproof.features import Feature, is_own

MAX_VALUES = 120_000_000
"""Limit on the feature values computed to test rows at the start of a run: by default enough for a million rows."""


class Auditor:
    """Runs the parts of an audit on one set of bars and keeps what they found.

    Each method is one part; ``report`` ends it. Parts draw from one generator, so an audit can be repeated.
    """

    def __init__(self, bars: Bars, random: np.random.Generator) -> None:
        self.bars = bars
        self.random = random
        self._findings: list[Finding] = []
        self._tried: dict[str, int] = {}
        self._measured: dict[str, int] = {}
        self._share_tested: dict[str, float] = {}
        self._proved: list[str] = []
        self._unaudited: dict[str, tuple[str, ...]] = {}
        self._began = time.perf_counter()

    def order(self) -> None:
        """Bars come one after another, each once."""
        self._findings += order_findings(self.bars)
        self._tried["bars in order"] = len(self.bars)

    def features(
        self,
        features: Sequence[Feature],
        *,
        cuts: int,
        rows: int,
        values: int = MAX_VALUES,
        horizon: int = 1,
        whole: bool = True,
        believe_formulas: bool = False,
    ) -> None:
        """Every kind of test that a feature of the bars must pass; one that fails is not tried again.

        Features of the rows of a joined series are tried by ``merge``.

        Args:
            features: the features to test.
            cuts: places on short stretches after which all bars are removed, and replaced.
            rows: rows at which the history that a feature needs is compared with the one that it declares.
            values: feature values that may be computed to put every row before replaced bars.
            horizon: bars that the label spans.
            whole: also cut through all bars, for features that are not of the catalogue.
            believe_formulas: do not put every row of a catalogue feature before replaced bars where its formula can
                only look back, which says more; see ``looks_back_only``.
        """
        features = [feature for feature in features if feature.series is None]
        findings, tried = prefix_findings(self.bars, features, count=cuts, random=self.random, whole=whole)
        self._findings += findings
        findings, measured, tried_rows = start_up_findings(
            self.bars, self._innocent(features), rows=rows, random=self.random
        )
        self._findings += findings
        self._measured |= measured
        self._tried |= {"features": len(features), "cuts through the future": tried, "start-up rows": tried_rows}
        own = [feature for feature in self._innocent(features) if is_own(feature)]
        if own:
            self._findings += hidden_looks(self.bars, own)
            self._findings += knows_real_bars(self.bars, own, self.random)
        rest = self._innocent(features)
        if believe_formulas:
            self._proved = [feature.name for feature in rest if not is_own(feature) and looks_back_only(feature)]
            rest = [feature for feature in rest if feature.name not in self._proved]
        self._every_row(rest, values=values, horizon=horizon)

    def _every_row(self, features: Sequence[Feature], *, values: int, horizon: int) -> None:
        declared = {feature.name: feature.look_back for feature in features if feature.look_back is not None}
        done = every_row(
            self.bars,
            features,
            look_back=declared | self._measured,
            horizon=horizon,
            values=values,
            describe=lambda feature, change: describe_change(
                self.bars, feature, change, self.random, history=self._measured.get(feature.name, 0)
            ),
            random=self.random,
        )
        self._findings += done.findings
        self._share_tested |= done.share_tested
        self._tried |= {"cuts where the data says": done.chosen_cuts} if done.chosen_cuts else {}

    def _innocent(self, features: Sequence[Feature]) -> list[Feature]:
        """The features without a finding so far."""
        named = {finding.what for finding in self._findings}
        return [feature for feature in features if f"'{feature.name}'" not in named]

    def same_again(self, features: Sequence[Feature], label: BoundLabel, design: Design) -> None:
        """The label, and features from outside the catalogue, must reproduce what the training rows were made from."""
        self._findings += changed_labels(self.bars, label, design)
        own = [feature for feature in self._innocent(features) if is_own(feature)]
        if own:
            self._findings += changed_since(self.bars, own, design)

    def file_columns(self, features: Sequence[Feature], *, merged: Sequence[str]) -> None:
        """Name the features that read columns from the file, but for those ``merged``, whose source is known."""
        self._unaudited = unaudited_features(self.bars, features, merged=merged, random=self.random)

    def labels(self, label: BoundLabel, *, horizon: int, count: int) -> None:
        """The label lies after known-at, up to its end and no further."""
        findings, tried = label_findings(self.bars, label, horizon=horizon, count=count, random=self.random)
        self._findings += findings
        self._tried["labels"] = tried

    def merge(self, series: Series, merge: Merge, *, count: int, features: Sequence[Feature] = ()) -> None:
        """A merged series, and the features of its own rows, respect known-at; ``bars`` are those before the merge."""
        findings, tried = merge_findings(self.bars, series, merge, features=features, count=count, random=self.random)
        self._findings += findings
        self._tried[f"moments of {series.name}"] = tried

    def fitted(self, design: Design, fold: Fold, fit: FitStatistics) -> None:
        """Fitted statistics change only with training rows."""
        findings, tried = fitted_findings(design, fold, fit, random=self.random)
        self._findings += findings
        self._tried["fitted statistics"] = tried

    def report(self) -> Audit:
        """The findings so far."""
        return Audit(
            findings=tuple(self._findings),
            tried=dict(self._tried),
            measured=dict(self._measured),
            share_tested=dict(self._share_tested),
            proved=tuple(self._proved),
            unaudited=dict(self._unaudited),
            seconds=time.perf_counter() - self._began,
        )


def refuse_leaks(audit: Audit) -> None:
    """Stop where anything knows the future.

    Raises:
        LeakError: names every finding with its first row, the two values, and the later bar it saw.
    """
    if not audit.passed:
        sentences = "\n".join(f"  - {finding.sentence()}" for finding in audit.findings)
        raise LeakError(
            f"training needs features that know nothing of the future, but the audit found:\n{sentences}\n"
            "Leave the feature out, or use only a bar's own row and the rows above it."
        )
