"""Prefix invariance: a feature at t stays the same when every later bar is removed, and when each is something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tailproof.audit.cuts import LATER, choose_cuts, history_start
from tailproof.audit.difference import ROUNDING, differing_rows, numbers, spread_of
from tailproof.audit.finding import Finding
from tailproof.audit.noise import with_noise
from tailproof.audit.probe import Cut, session_starts, stretch
from tailproof.audit.regions import Change
from tailproof.core.records import Bars
from tailproof.features import Feature, compute, is_own

MAX_VALUES = 12_000_000
"""Feature values computed for the cut through everything: it is shortened where there are more."""
MAX_HISTORY = 5_000
"""Bars before a row that are read to name the bar it saw."""
REMOVED, REPLACED = "with all later bars removed", "with all later bars replaced by noise"


def prefix_findings(
    bars: Bars, features: Sequence[Feature], *, count: int, random: np.random.Generator, whole: bool = True
) -> tuple[list[Finding], int]:
    """Features whose value changes with later bars, each once, and the number of cuts tried.

    Values are compared up to rounding. ``count`` cuts are on short stretches; with ``whole``, one more goes through all
    bars, or as many as MAX_VALUES allows, for features that are not of the catalogue. A feature once found is not tried
    again.
    """
    findings: dict[str, Finding] = {}
    tried = 0

    def untried(group: Sequence[Feature]) -> list[Feature]:
        return [feature for feature in group if feature.name not in findings]

    # Features that read whole sessions need long stretches; the others need not pay for them.
    short = [feature for feature in features if not feature.look_back_sessions]
    long = [feature for feature in features if feature.look_back_sessions]
    for group, share in ((short, count), (long, max(count // 3, 2))):
        if not group:
            continue
        for cut in choose_cuts(bars, group, count=share, random=random):
            tried += 1
            findings |= _cut_findings(bars, untried(group), cut, random)
    own = [feature for feature in features if is_own(feature)]
    if whole and own and len(bars) > 2:
        tried += 1
        findings |= _cut_findings(bars, untried(own), _long_cut(bars, own, random), random)
    return list(findings.values()), tried


def _long_cut(bars: Bars, features: Sequence[Feature], random: np.random.Generator) -> Cut:
    """A cut through all bars, or through as many as MAX_VALUES allows."""
    length = min(len(bars), max(MAX_VALUES // len(features), 2))
    left = int(random.integers(0, len(bars) - length + 1))
    return Cut(left=left, at=left + int(length * random.uniform(0.4, 0.7)), right=left + length, kind="whole")


def _cut_findings(bars: Bars, features: Sequence[Feature], cut: Cut, random: np.random.Generator) -> dict[str, Finding]:
    """Features, by name, whose values before ``cut.at`` change with the bars from there on."""
    if not features or cut.at <= cut.left:
        return {}
    parted = _CutBars.of(bars, cut, random)
    values = compute(parted.shown, features).head(parted.earlier)
    removed = compute(stretch(bars, cut.left, cut.at), features)
    replaced = compute(parted.noise, features).head(parted.earlier)
    findings = {}
    for feature in features:
        for other, detail in ((removed, REMOVED), (replaced, REPLACED)):
            value_R, other_R = values[feature.name], other[feature.name]
            row = _first_difference(value_R, other_R)
            if row is not None:
                findings[feature.name] = parted.finding(feature, row, (value_R[row], other_R[row]), detail=detail)
                break
    return findings


def _first_difference(values: pl.Series, other: pl.Series) -> int | None:
    """First row at which two columns differ by more than rounding, empty and NaN equal to themselves."""
    if values.equals(other, null_equal=True):
        return None
    row_R = differing_rows(numbers(values), numbers(other), spread=spread_of(numbers(values)), share=ROUNDING)
    return int(row_R[0]) if len(row_R) else None


def describe_change(
    bars: Bars, feature: Feature, change: Change, random: np.random.Generator, *, history: int
) -> Finding:
    """The finding of a change that a cut through all bars has shown, with the first later bar that it saw."""
    starts_S = session_starts(bars)
    first = int(starts_S[np.searchsorted(starts_S, change.row, side="right") - 1])
    left = max(min(first, history_start(change.row, [feature], starts_S)), change.row - max(history, MAX_HISTORY), 0)
    cut = Cut(left=left, at=change.row + 1, right=min(change.row + 1 + LATER[-1], len(bars)), kind="whole")
    detail = REMOVED if change.removed else REPLACED
    parted = _CutBars.of(bars, cut, random)
    return parted.finding(feature, change.row - left, _none_for_nan(change.values), detail=detail)


def _none_for_nan(values: tuple[float, float]) -> tuple[float | None, float | None]:
    first, second = (None if np.isnan(value) else value for value in values)
    return first, second


@dataclass(frozen=True, kw_only=True)
class _CutBars:
    """A stretch of bars that a cut parts, as it is and with noise for its later bars."""

    bars: Bars
    """All of them."""
    cut: Cut
    shown: Bars
    noise: Bars

    @classmethod
    def of(cls, bars: Bars, cut: Cut, random: np.random.Generator) -> _CutBars:
        """Draw the noise of a cut."""
        shown = stretch(bars, cut.left, cut.right)
        noise = with_noise(shown, cut.at - cut.left, len(shown), random)
        return cls(bars=bars, cut=cut, shown=shown, noise=noise)

    @property
    def earlier(self) -> int:
        """Rows of the stretch before the cut."""
        return self.cut.at - self.cut.left

    def finding(self, feature: Feature, row: int, values: tuple[float | None, float | None], *, detail: str) -> Finding:
        """The finding of a feature with two values at a row of the stretch; it names the first later bar seen."""
        seen, time = self._first_seen(feature, row), self.bars.frame["time"]
        if seen is None and detail == REMOVED:
            detail += " (it depends on how many follow, or when)"
        return Finding(
            rule="sees later bars",
            what=f"'{feature.name}'",
            row=self.cut.left + row,
            time=time[self.cut.left + row],
            values=values,
            seen_row=None if seen is None else self.cut.left + seen,
            seen_time=None if seen is None else time[self.cut.left + seen],
            detail=detail,
        )

    def _first_seen(self, feature: Feature, row: int) -> int | None:
        """The first later bar whose numbers move the value at ``row``, by bisection; None where no number does."""
        shown, noise, earlier = self.shown, self.noise, self.earlier
        value = compute(shown, [feature])[feature.name][row]

        def moved(stop: int) -> bool:
            frame = pl.concat([shown.frame[:earlier], noise.frame[earlier:stop], shown.frame[stop:]])
            other = compute(Bars(frame=frame, bar_length=shown.bar_length, source=shown.source), [feature])
            changed: bool = pl.Series([other[feature.name][row]]).ne_missing(pl.Series([value])).item()
            return changed

        unmoved, moving = earlier, len(shown)
        if not moved(moving):
            return None
        while moving - unmoved > 1:
            middle = (unmoved + moving) // 2
            unmoved, moving = (unmoved, middle) if moved(middle) else (middle, moving)
        return moving - 1
