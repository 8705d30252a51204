"""Start-up invariance: with the declared history before it, a value is what it is with all history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tailproof.audit.cuts import history_start
from tailproof.audit.finding import Finding
from tailproof.audit.probe import session_starts, stretch
from tailproof.core.records import Bars
from tailproof.features import Feature, compute

BOUND = 1e-5
"""Largest difference allowed, relative to the spread of the feature's values, and to the value itself.

Rolling windows are running sums that carry the rounding of earlier rows, and recursive averages never forget quite
all: 1e-6 of weight is left at the declared look-back.
"""
ROUNDING_OF_ZERO = 1e-12
"""Allowed on top: a feature of prices that never change is zero up to rounding."""
MAX_HISTORY = 20_000
"""Rows before the row that the reference reads, unless sessions declared reach further."""


def start_up_findings(
    bars: Bars, features: Sequence[Feature], *, rows: int, random: np.random.Generator
) -> tuple[list[Finding], dict[str, int], int]:
    """Features that read further back than they declare; look-backs measured for those that declare none; rows tried.

    ``rows`` random rows are tried. What is measured is the smallest power-of-two history, narrowed by bisection to the
    bar, with which the value is the same at every row tried.
    """
    starts_S = session_starts(bars)
    place_R = np.sort(random.integers(0, len(bars), size=rows))
    findings: dict[str, Finding] = {}
    measured: dict[str, int] = {}
    for row in (int(place) for place in place_R):
        untried = [feature for feature in features if feature.name not in findings]
        at_row = _TriedRow.of(bars, untried, row, starts_S)
        for feature in untried:
            if feature.look_back is None:
                measured[feature.name] = max(measured.get(feature.name, 0), at_row.history_needed(feature))
        findings |= at_row.findings([feature for feature in untried if feature.look_back is not None], starts_S)
    return list(findings.values()), measured, rows


@dataclass(frozen=True, kw_only=True)
class _TriedRow:
    """One row of the bars, with what features have there when they read long history before it."""

    bars: Bars
    row: int
    first: int
    """First row of that history."""
    reference: pl.DataFrame
    """The features on the history and the row, which is the last."""

    @classmethod
    def of(cls, bars: Bars, features: Sequence[Feature], row: int, starts_S: np.ndarray) -> _TriedRow:
        """Compute the features on at most ``MAX_HISTORY`` bars before a row, or as many as their sessions need."""
        first = min(max(row - MAX_HISTORY, 0), history_start(row, features, starts_S, spare=1))
        return cls(bars=bars, row=row, first=first, reference=compute(stretch(bars, first, row + 1), features))

    def findings(self, features: Sequence[Feature], starts_S: np.ndarray) -> dict[str, Finding]:
        """Features, by name, that have another value with their declared history alone."""
        groups: dict[int, list[Feature]] = {}
        for feature in features:
            groups.setdefault(history_start(self.row, [feature], starts_S), []).append(feature)
        findings = {}
        for first, group in groups.items():
            trimmed = compute(stretch(self.bars, first, self.row + 1), group)
            for feature in group:
                value = trimmed[feature.name][-1]
                if not self._equals(feature, value):
                    findings[feature.name] = self._finding(feature, value)
        return findings

    def history_needed(self, feature: Feature) -> int:
        """The fewest bars before the row with which the feature has its reference value."""

        def enough(history: int) -> bool:
            value = compute(stretch(self.bars, self.row - history, self.row + 1), [feature])[feature.name][-1]
            return self._equals(feature, value)

        most = self.row - self.first
        high = 1
        if enough(0):
            return 0
        while high < most and not enough(high):
            high *= 2
        low, high = high // 2, min(high, most)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if enough(middle) else (middle, high)
        return high

    def _equals(self, feature: Feature, value: float | None) -> bool:
        """Whether a value is the reference's, up to rounding; none and NaN are equal."""
        values_N = self.reference[feature.name].to_numpy()
        reference, other = values_N[-1], np.nan if value is None else value
        if np.isnan(reference) or np.isnan(other):
            return bool(np.isnan(reference) and np.isnan(other))
        allowed = BOUND * max(float(values_N[np.isfinite(values_N)].std()), abs(reference))
        return bool(abs(reference - other) <= allowed + ROUNDING_OF_ZERO)

    def _finding(self, feature: Feature, value: float | None) -> Finding:
        reference = self.reference[feature.name].to_numpy()[-1]
        return Finding(
            rule="needs more history than declared",
            what=f"'{feature.name}'",
            row=self.row,
            time=self.bars.frame["time"][self.row],
            values=(None if np.isnan(reference) else float(reference), value),
            detail=f"with the declared history of {feature.history} (it needs {self.history_needed(feature):,} bars)",
        )
