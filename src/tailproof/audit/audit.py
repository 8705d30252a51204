"""The causality audit: what a feature, a label, a merge or a fitted statistic may not know, it is shown to ignore."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from tailproof.audit.finding import Audit, Finding
from tailproof.audit.fitted import Fit, fitted_findings
from tailproof.audit.labels import Label, label_findings
from tailproof.audit.merging import Merge, Series, merge_findings
from tailproof.audit.order import order_findings
from tailproof.audit.prefix import prefix_findings
from tailproof.audit.start_up import start_up_findings
from tailproof.core.errors import LeakError
from tailproof.core.records import Bars, Design, Fold
from tailproof.features import Feature


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
        self._began = time.perf_counter()

    def order(self) -> None:
        """Bars come one after another, each once."""
        self._findings += order_findings(self.bars)
        self._tried["bars in order"] = len(self.bars)

    def features(self, features: Sequence[Feature], *, cuts: int, rows: int, whole: bool = True) -> None:
        """Prefix invariance at ``cuts`` places, start-up invariance at ``rows`` rows.

        ``whole`` adds one cut through all bars, which finds what reaches further than any short stretch.
        """
        found, tried = prefix_findings(self.bars, features, count=cuts, random=self.random, whole=whole)
        self._findings += found
        causal = [feature for feature in features if feature.name not in {one.what.strip("'") for one in found}]
        found, measured, tried_rows = start_up_findings(self.bars, causal, rows=rows, random=self.random)
        self._findings += found
        self._measured |= measured
        self._tried |= {"features": len(features), "cuts through the future": tried, "start-up rows": tried_rows}

    def labels(self, label: Label, *, horizon: int, count: int) -> None:
        """The label lies after known-at, up to its end and no further."""
        found, tried = label_findings(self.bars, label, horizon=horizon, count=count, random=self.random)
        self._findings += found
        self._tried["labels"] = tried

    def merge(self, series: Series, merge: Merge, *, count: int) -> None:
        """A merged series respects known-at; ``bars`` are those before the merge."""
        found, tried = merge_findings(self.bars, series, merge, count=count, random=self.random)
        self._findings += found
        self._tried[f"moments of {series.name}"] = tried

    def fitted(self, design: Design, fold: Fold, fit: Fit) -> None:
        """Fitted statistics change only with training rows."""
        found, tried = fitted_findings(design, fold, fit, random=self.random)
        self._findings += found
        self._tried["fitted statistics"] = tried

    def report(self) -> Audit:
        """What was found so far."""
        return Audit(
            findings=tuple(self._findings),
            tried=dict(self._tried),
            measured=dict(self._measured),
            seconds=time.perf_counter() - self._began,
        )


def refuse_leaks(audit: Audit) -> None:
    """Stop where anything knows the future.

    Raises:
        LeakError: names every finding with its first row, the two values, and the later bar it saw.
    """
    if not audit.passed:
        found = "\n".join(f"  - {finding.sentence()}" for finding in audit.findings)
        raise LeakError(
            f"nothing may be trained on what could not be known, however:\n{found}\n"
            "Leave the feature out, or use only a bar's own row and the rows above it."
        )
