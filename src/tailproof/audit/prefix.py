"""Prefix invariance: a feature at t stays the same when every later bar is removed, and when each is something else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tailproof.audit.cuts import choose_cuts
from tailproof.audit.finding import Finding
from tailproof.audit.probe import Cut, stretch, with_noise
from tailproof.core.records import Bars
from tailproof.features import Feature, compute

ROUNDING = 1e-12
"""Differences below this share of a feature's largest value are not information: polars sums or divides a group of one
row in another order than a longer one. The catalogue is held to equality bit for bit by its own tests."""
MOST_VALUES = 12_000_000
"""Feature values computed for the cut through everything: it is shortened where there are more."""
REMOVED, REPLACED = "with all later bars removed", "with all later bars replaced by noise"


def prefix_findings(
    bars: Bars, features: Sequence[Feature], *, count: int, random: np.random.Generator, whole: bool = True
) -> tuple[list[Finding], int]:
    """Features whose value changes with later bars, each once, and the number of cuts tried.

    Values are compared up to ROUNDING. ``count`` cuts are on short stretches; with ``whole``, one more goes through all
    bars, or as many as MOST_VALUES allows. A feature once found is not tried again.
    """
    found: dict[str, Finding] = {}
    tried = 0
    # Features that read whole sessions need long stretches; the others need not pay for them.
    short = [feature for feature in features if not feature.look_back_sessions]
    long = [feature for feature in features if feature.look_back_sessions]
    for group, share in ((short, count), (long, max(count // 3, 2))):
        if not group:
            continue
        for cut in choose_cuts(bars, group, count=share, random=random):
            tried += 1
            _try(bars, group, cut, random, found)
    if whole and len(bars) > 2:
        tried += 1
        _try(bars, features, _long_cut(bars, features, random), random, found)
    return list(found.values()), tried


def _long_cut(bars: Bars, features: Sequence[Feature], random: np.random.Generator) -> Cut:
    """A cut through all bars, or through as many as MOST_VALUES allows."""
    length = min(len(bars), max(MOST_VALUES // len(features), 2))
    left = int(random.integers(0, len(bars) - length + 1))
    return Cut(left=left, at=left + int(length * random.uniform(0.4, 0.7)), right=left + length, kind="whole")


def _try(
    bars: Bars, features: Sequence[Feature], cut: Cut, random: np.random.Generator, found: dict[str, Finding]
) -> None:
    left = [feature for feature in features if feature.name not in found]
    for finding in cut_findings(bars, left, cut, random):
        found[finding.what.strip("'")] = finding


def cut_findings(bars: Bars, features: Sequence[Feature], cut: Cut, random: np.random.Generator) -> list[Finding]:
    """Features whose values before ``cut.at`` change with the bars from there on."""
    if not features or cut.at <= cut.left:
        return []
    kept = cut.at - cut.left
    shown = stretch(bars, cut.left, cut.right)
    values = compute(shown, features).head(kept)
    removed = compute(stretch(bars, cut.left, cut.at), features)
    noise = with_noise(shown, kept, len(shown), random)
    replaced = compute(noise, features).head(kept)
    findings = []
    for feature in features:
        for other, detail in ((removed, REMOVED), (replaced, REPLACED)):
            row = _first_difference(values[feature.name], other[feature.name])
            if row is not None:
                findings.append(_finding(bars, feature, cut, row, (values[feature.name][row], other[feature.name][row]),
                                         detail, noise))  # fmt: skip
                break
    return findings


def _first_difference(values: pl.Series, other: pl.Series) -> int | None:
    """First row at which two columns differ by more than rounding, null and NaN equal to themselves."""
    if values.equals(other, null_equal=True):
        return None
    differ_N = values.ne_missing(other).to_numpy()
    first_N, second_N = values.to_numpy(), other.to_numpy()
    finite_N = first_N[np.isfinite(first_N)]
    scale = float(np.abs(finite_N).max()) if len(finite_N) else 0.0
    with np.errstate(invalid="ignore"):
        rounding_N = np.abs(first_N - second_N) <= ROUNDING * scale
    row_R = np.flatnonzero(differ_N & ~rounding_N)
    return int(row_R[0]) if len(row_R) else None


def _finding(
    bars: Bars, feature: Feature, cut: Cut, row: int, values: tuple[float, float], detail: str, noise: Bars
) -> Finding:
    seen = _first_seen(stretch(bars, cut.left, cut.right), noise, feature, row=row, kept=cut.at - cut.left)
    time = bars.frame["time"]
    if seen is None and detail == REMOVED:
        detail += " (it depends on how many follow, or when)"
    return Finding(
        rule="sees later bars",
        what=f"'{feature.name}'",
        row=cut.left + row,
        time=time[cut.left + row],
        values=values,
        seen_row=None if seen is None else cut.left + seen,
        seen_time=None if seen is None else time[cut.left + seen],
        detail=detail,
    )


def _first_seen(shown: Bars, noise: Bars, feature: Feature, *, row: int, kept: int) -> int | None:
    """The first later bar whose numbers move the value at ``row``, by bisection; None where no number does."""
    value = compute(shown, [feature])[feature.name][row]

    def moved(stop: int) -> bool:
        frame = pl.concat([shown.frame[:kept], noise.frame[kept:stop], shown.frame[stop:]])
        other = compute(Bars(frame=frame, bar_length=shown.bar_length, source=shown.source), [feature])
        changed: bool = pl.Series([other[feature.name][row]]).ne_missing(pl.Series([value])).item()
        return changed

    unmoved, found = kept, len(shown)
    if not moved(found):
        return None
    while found - unmoved > 1:
        middle = (unmoved + found) // 2
        unmoved, found = (unmoved, middle) if moved(middle) else (middle, found)
    return found - 1
