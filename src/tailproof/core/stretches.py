"""Next row is not next bar: which rows follow one another, and over which bars one position can be held."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from tailproof.arrays.times import HOUR_NS
from tailproof.core.instrument_columns import instrument_columns
from tailproof.core.records import Bars

MAX_DAY_NS = 30 * HOUR_NS
"""A session that lasts longer than this is of several trading days."""


def holding_stretches(bars: Bars) -> np.ndarray:
    """Number (int64, rising) of the stretch of bars over which one position can be held.

    A new contract starts a new stretch: nobody earns the gap between two contracts. So does a new session of bars
    shorter than a day, since the trading rule is flat between sessions. A pause inside a session, or between daily
    bars, does not: a position is held through it.

    >>> from dataclasses import replace
    >>> from datetime import timedelta
    >>> frame = pl.DataFrame({"session": [0, 0, 1, 1], "contract": ["H", "M", "M", "M"]})
    >>> bars = Bars(frame=frame, bar_length=timedelta(minutes=1), source="four bars")
    >>> holding_stretches(bars).tolist(), holding_stretches(replace(bars, bar_length=timedelta(days=1))).tolist()
    ([0, 1, 2, 2], [0, 1, 1, 1])
    """
    names = instrument_columns(bars.frame)
    if not bars.daily:
        names.append("session")
    if not names:
        return np.zeros(len(bars), dtype=np.int64)
    changes = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in names)
    changed_B = bars.frame.select(changes).to_series().to_numpy().copy()
    changed_B[:1] = False
    return np.cumsum(changed_B, dtype=np.int64)


def whole_segments(segment_N: np.ndarray, *, rows: int) -> Iterator[range]:
    """Ranges that tile all rows and cut no segment: each has the fewest whole segments that make ``rows`` rows or more.

    A segment is a run of rows with one number; the numbers need not rise.

    >>> list(whole_segments(np.array([0, 0, 0, 7, 7, 2]), rows=2))
    [range(0, 3), range(3, 5), range(5, 6)]
    >>> list(whole_segments(np.array([0, 0, 0, 7, 7, 2]), rows=4))
    [range(0, 5), range(5, 6)]
    """
    end_S = np.r_[np.flatnonzero(segment_N[1:] != segment_N[:-1]) + 1, len(segment_N)]
    start = 0
    while start < len(segment_N):
        stop = int(end_S[min(np.searchsorted(end_S, start + rows), len(end_S) - 1)])
        yield range(start, stop)
        start = stop


def later_rows(bar_N: np.ndarray, stretch_N: np.ndarray, *, bars: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows that have a row exactly ``bars`` bars later in the same stretch, and that later row of each (int64).

    Args:
        bar_N: bar of each row, rising.
        stretch_N: stretch of bars that each row lies in.
        bars: 1 for the next bar.

    >>> first, later = later_rows(np.array([0, 1, 3, 4]), np.array([0, 0, 0, 1]), bars=1)
    >>> first.tolist(), later.tolist()
    ([0], [1])
    """
    place_N = np.searchsorted(bar_N, bar_N + bars)
    last_N = np.minimum(place_N, len(bar_N) - 1)
    same_N = (place_N < len(bar_N)) & (bar_N[last_N] == bar_N + bars) & (stretch_N[last_N] == stretch_N)
    first_K = np.flatnonzero(same_N)
    return first_K, last_N[first_K]


def trading_days(known_at_N: np.ndarray, session_N: np.ndarray, *, daily: bool) -> np.ndarray:
    """Number (int64, rising) of the trading day of each row: what results are added up by.

    For daily bars, every row is one. For shorter bars it is the session, where none lasts longer than 30 hours; where
    sessions run on (a file read with a long ``--session-gap``) days are parted after the hour of the UTC day in which
    the fewest rows are known, the night of whatever market it is.

    >>> hour_N = np.array([0, 1, 24, 25, 48, 49]) * 3_600_000_000_000
    >>> trading_days(hour_N, np.zeros(6), daily=False).tolist()
    [0, 0, 1, 1, 2, 2]
    """
    if daily:
        return np.arange(len(known_at_N))
    start_N = np.flatnonzero(np.r_[True, session_N[1:] != session_N[:-1]])
    last_N = np.r_[start_N[1:], len(session_N)] - 1
    if int((known_at_N[last_N] - known_at_N[start_N]).max()) <= MAX_DAY_NS:
        return np.repeat(np.arange(len(start_N)), last_N - start_N + 1)
    rows_H = np.bincount(known_at_N // HOUR_NS % 24, minlength=24)
    night = 0 if rows_H.min() == rows_H.max() else int(rows_H.argmin()) + 1
    day_N = (known_at_N - night * HOUR_NS) // (24 * HOUR_NS)
    return np.asarray(np.cumsum(np.r_[0, day_N[1:] != day_N[:-1]]))
