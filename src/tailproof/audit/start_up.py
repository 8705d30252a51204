"""Start-up invariance: with the declared history before it, a value is what it is with all history."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

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
RESTING = 1e-12
"""Allowed on top: a feature of prices that rest is zero up to rounding."""
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
        _try_row(
            bars, [feature for feature in features if feature.name not in findings], row, starts_S, findings, measured
        )
    return list(findings.values()), measured, rows


def _try_row(
    bars: Bars,
    features: Sequence[Feature],
    row: int,
    starts_S: np.ndarray,
    findings: dict[str, Finding],
    measured: dict[str, int],
) -> None:
    reference_left = min(max(row - MAX_HISTORY, 0), history_start(row, features, starts_S, spare=1))
    reference = compute(stretch(bars, reference_left, row + 1), features)
    groups: dict[int | None, list[Feature]] = {}
    for feature in features:
        left = None if feature.look_back is None else history_start(row, [feature], starts_S)
        groups.setdefault(left, []).append(feature)
    for left, group in groups.items():
        if left is None:
            for feature in group:
                need = _needed(bars, feature, row, reference_left, reference[feature.name].to_numpy())
                measured[feature.name] = max(measured.get(feature.name, 0), need)
            continue
        trimmed = compute(stretch(bars, left, row + 1), group)
        for feature in group:
            values_N, value = reference[feature.name].to_numpy(), trimmed[feature.name][-1]
            if not _same(values_N[-1], value, values_N):
                findings[feature.name] = _finding(bars, feature, row, reference_left, values_N, value)


def _finding(
    bars: Bars, feature: Feature, row: int, reference_left: int, values_N: np.ndarray, value: float | None
) -> Finding:
    need = _needed(bars, feature, row, reference_left, values_N)
    return Finding(
        rule="needs more history than declared",
        what=f"'{feature.name}'",
        row=row,
        time=bars.frame["time"][row],
        values=(None if np.isnan(values_N[-1]) else float(values_N[-1]), value),
        detail=f"with the declared history of {feature.history} (it needs {need:,} bars)",
    )


def _needed(bars: Bars, feature: Feature, row: int, reference_left: int, values_N: np.ndarray) -> int:
    """The fewest bars before ``row`` with which its value is the reference's."""

    def enough(history: int) -> bool:
        value = compute(stretch(bars, row - history, row + 1), [feature])[feature.name][-1]
        return _same(values_N[-1], value, values_N)

    most = row - reference_left
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


def _same(reference: float, value: float | None, values_N: np.ndarray) -> bool:
    other = np.nan if value is None else value
    if np.isnan(reference) or np.isnan(other):
        return bool(np.isnan(reference) and np.isnan(other))
    finite_N = values_N[np.isfinite(values_N)]
    allowed = BOUND * max(float(finite_N.std()), abs(reference))
    return bool(abs(reference - other) <= allowed + RESTING)
