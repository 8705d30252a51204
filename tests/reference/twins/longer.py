"""Bars a number of times as long and sessions as bars, put together one by one, and what a short bar sees of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from tests.reference.twins.columns import Columns


def merged(columns: Columns, groups: list[np.ndarray]) -> Columns:
    """One bar a group of rows: the first open, the extremes, the sum of volume, the last of all else."""
    last = columns.at(np.array([rows[-1] for rows in groups]))
    return replace(
        last,
        open_N=np.array([columns.open_N[rows[0]] for rows in groups]),
        high_N=np.array([columns.high_N[rows].max() for rows in groups]),
        low_N=np.array([columns.low_N[rows].min() for rows in groups]),
        volume_N=np.array([columns.volume_N[rows].sum() for rows in groups]),
        time_N=np.array([columns.time_N[rows[0]] for rows in groups]),
    )


def grouped(*key_N: np.ndarray) -> list[np.ndarray]:
    """Rows in stretches of equal keys."""
    changes_N = np.any([key[1:] != key[:-1] for key in key_N], axis=0)
    return np.split(np.arange(len(key_N[0])), np.flatnonzero(changes_N) + 1)


@cache
def by_length(columns: Columns, seconds: int) -> tuple[Columns, np.ndarray]:
    """Bars so long, on whole multiples of their length, and which of them each short bar sees last: -1 for none."""
    start_N = columns.time_N // seconds * seconds
    groups = grouped(columns.segment_N, start_N)
    seen_N = np.full(len(columns), -1)
    for number, rows in enumerate(groups):
        for row in rows:
            complete = start_N[row] + seconds <= columns.known_N[row]
            candidate = number if complete else number - 1
            if candidate >= 0 and columns.segment_N[groups[candidate][0]] == columns.segment_N[row]:
                seen_N[row] = candidate
    return merged(columns, groups), seen_N


@cache
def by_session(columns: Columns) -> tuple[Columns, np.ndarray]:
    """A bar a session in which nothing happens between segments, and which one each short bar sees last."""
    factor_N, level = np.empty(len(columns)), 1.0
    for rows in grouped(columns.segment_N):
        factor_N[rows] = level / columns.open_N[rows[0]]
        level = columns.close_N[rows[-1]] * factor_N[rows[0]]
    prices = {name: getattr(columns, name) * factor_N for name in ("open_N", "high_N", "low_N", "close_N")}
    groups = grouped(columns.session_N)
    seen_N = np.concatenate([np.full(len(rows), number - 1) for number, rows in enumerate(groups)])
    sessions = merged(replace(columns, **prices), groups)
    return replace(sessions, segment_N=np.zeros(len(groups), dtype=int)), seen_N


def as_seen(values_L: np.ndarray, seen_N: np.ndarray) -> np.ndarray:
    """The values of longer bars at the short bars that see them."""
    return np.where(seen_N >= 0, values_L[np.maximum(seen_N, 0)], np.nan)
