"""The label of bar t lies after known_at[t], ends at label_end[t], and says nothing else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from tailproof.audit.finding import AuditRule, Finding
from tailproof.audit.noise import with_noise
from tailproof.audit.probe import stretch
from tailproof.core.records import Bars, Design

BoundLabel = Callable[[Bars], pl.DataFrame]
"""Maps bars to ``forward_return`` and ``label_end``, one row per bar."""
STRETCH = 2000
NOT_AFTER: AuditRule = "label not after known-at"


def label_findings(
    bars: Bars, label: BoundLabel, *, horizon: int, count: int, random: np.random.Generator
) -> tuple[list[Finding], int]:
    """Labels that start before their bar is known, stop early, reach beyond their end, or rest on earlier bars.

    At ``count`` random bars t with a label: everything before t is replaced by noise, and the label must stay;
    everything after label_end[t] is replaced, and the label must stay; the bars from the one after t to label_end[t]
    are replaced, and the label must change.
    """
    labels = label(bars)
    findings = _order_findings(bars, labels)
    labelled_R = labels.select(pl.col("forward_return").is_not_null().arg_true()).to_series().to_numpy()
    if not len(labelled_R):
        return findings, 0
    tried_R = np.sort(random.choice(labelled_R, size=min(count, len(labelled_R)), replace=False))
    for row in (int(row) for row in tried_R):
        finding = _try(bars, label, labels, row, horizon, random)
        if finding is not None:
            return [*findings, finding], len(tried_R)
    return findings, len(tried_R)


def changed_labels(bars: Bars, label: BoundLabel, design: Design) -> list[Finding]:
    """Rows to train on that hold another return or label end than this label gives for their bars."""
    labels = label(bars)
    then_N, end_N = design.return_N, design.label_end_N
    now_N = labels["forward_return"].to_numpy()[design.bar_N]
    now_end_N = labels["label_end"].dt.cast_time_unit("ns").to_physical().fill_null(0).to_numpy()[design.bar_N]
    row_R = np.flatnonzero(~(then_N == now_N) | (end_N != now_end_N))
    if not len(row_R):
        return []
    first, row = row_R[0], int(design.bar_N[row_R[0]])
    detail = f"when it was computed again ({len(row_R):,} rows differ in their return or label end)"
    values = float(then_N[first]), float(now_N[first])
    return [_finding(bars, row, "not a function of the bars", detail, values)]


def _order_findings(bars: Bars, labels: pl.DataFrame) -> list[Finding]:
    """A label that ends no later than its bar is known, at the first row where it does."""
    early = (labels["label_end"] <= bars.frame["known_at"]).fill_null(value=False)
    if not early.any():
        return []
    row = int(early.arg_max() or 0)
    detail = f"it ends at {labels['label_end'][row]}, the bar is known at {bars.frame['known_at'][row]}"
    return [_finding(bars, row, NOT_AFTER, detail)]


def _finding(
    bars: Bars, row: int, rule: AuditRule, detail: str, values: tuple[float | None, float | None] | None = None
) -> Finding:
    return Finding(rule=rule, what="the label", row=row, time=bars.frame["time"][row], values=values, detail=detail)


def _try(
    bars: Bars, label: BoundLabel, labels: pl.DataFrame, row: int, horizon: int, random: np.random.Generator
) -> Finding | None:
    value = labels["forward_return"][row]
    left, right = max(row - STRETCH // 2, 0), min(row + horizon + STRETCH // 2, len(bars))
    shown = stretch(bars, left, right)
    here = row - left
    end_ns = labels["label_end"].dt.cast_time_unit("ns").cast(pl.Int64)[row]  # a Python datetime has no nanoseconds
    end = int((shown.frame["known_at"].cast(pl.Int64) <= end_ns).sum())

    def relabelled(*ranges: tuple[int, int]) -> float | None:
        changed = shown
        for start, stop in ranges:
            changed = with_noise(changed, start, stop, random)
        answer: float | None = label(changed)["forward_return"][here]
        return answer

    def finding(other: float | None, detail: str) -> Finding:
        return _finding(bars, row, NOT_AFTER, detail, (value, other))

    before = relabelled((0, here))
    if before != value:
        return finding(before, "with all earlier bars replaced by noise: it rests on what was known before")
    beyond = relabelled((end, len(shown)))
    if beyond != value:
        return finding(beyond, "with all bars after its label_end replaced by noise: it reaches further than it says")
    inside = relabelled((here + 1, end))
    if inside == value:
        return finding(inside, "with the bars up to its label_end replaced by noise: it does not lie after its bar")
    return None
