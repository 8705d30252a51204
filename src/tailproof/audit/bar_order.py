"""Bars come one after another, each once: a later bar that lies among earlier ones is the future."""

from __future__ import annotations

import numpy as np

from tailproof.audit.finding import Finding
from tailproof.core.records import PRICES, Bars

MIN_ALIKE = 20
"""Copied bars in a row that differ from each other: chance does not repeat that many."""
WINDOW = 4
MULTIPLIER_L = np.array([1, 3, 5, 7], dtype=np.uint64)


def order_findings(bars: Bars) -> list[Finding]:
    """Times that do not rise, bars known before the one above, and stretches of later bars that occur twice."""
    findings = []
    for column in ("time", "known_at"):
        late = (bars.frame[column].diff().dt.total_nanoseconds() <= 0).fill_null(value=False)
        if late.any():
            row = int(late.arg_max() or 0)
            findings.append(
                Finding(
                    rule="bars out of order",
                    what=f"column '{column}'",
                    row=row,
                    time=bars.frame["time"][row],
                    detail=f"it is {bars.frame[column][row]}, in the bar above {bars.frame[column][row - 1]}",
                )
            )
    return findings + _copied(bars)


def _copied(bars: Bars) -> list[Finding]:
    """The first stretch of at least 20 bars whose numbers occur again later, bar for bar."""
    again_N = _next_occurrence(bars)
    steady_N = np.r_[False, (again_N[1:] == again_N[:-1]) & (again_N[1:] > WINDOW)]
    edge_E = np.flatnonzero(np.diff(np.r_[0, steady_N.astype(np.int8), 0]))
    start_R, stop_R = edge_E[::2], edge_E[1::2]
    long_R = np.flatnonzero(stop_R - start_R >= MIN_ALIKE - WINDOW)
    if not len(long_R):
        return []
    # The run begins once a whole window lies in the copy, one row after the first of them.
    row = int(start_R[long_R[0]]) - WINDOW
    count = int(stop_R[long_R[0]]) - row
    again = int(again_N[start_R[long_R[0]]])
    time = bars.frame["time"]
    return [
        Finding(
            rule="bars out of order",
            what="a stretch of bars",
            row=row,
            time=time[row],
            seen_row=row + again,
            seen_time=time[row + again],
            detail=f"{count:,} bars from here occur again {again:,} bars later",
        )
    ]


def _next_occurrence(bars: Bars) -> np.ndarray:
    """How many bars later the WINDOW bars up to each bar occur again; 0 where they never do or all are at rest."""
    numbers = [name for name in (*PRICES, "volume") if name in bars.frame.columns]
    content_N = bars.frame.select(numbers).hash_rows(seed=0).to_numpy()
    window_N = np.zeros(len(bars), dtype=np.uint64)
    moving_N = np.ones(len(bars), dtype=bool)
    for lag in range(WINDOW):
        window_N[lag:] += content_N[: len(bars) - lag] * MULTIPLIER_L[lag]
        moving_N[lag + 1 :] &= content_N[1 : len(bars) - lag] != content_N[: len(bars) - lag - 1]
    order_N = np.argsort(window_N, kind="stable")
    same_N = window_N[order_N][1:] == window_N[order_N][:-1]
    again_N = np.zeros(len(bars), dtype=np.int64)
    again_N[order_N[:-1][same_N]] = np.diff(order_N)[same_N]
    return np.where(moving_N, again_N, 0)
