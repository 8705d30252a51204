"""Instants and durations as int64 nanoseconds, and back."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

SECOND_NS = 10**9
MINUTE_NS, HOUR_NS, DAY_NS = 60 * SECOND_NS, 3_600 * SECOND_NS, 86_400 * SECOND_NS


def as_datetimes(time_N: np.ndarray) -> np.ndarray:
    """Nanoseconds since 1970 UTC as NumPy datetimes.

    >>> as_datetimes(np.array([0]))
    array(['1970-01-01T00:00:00.000000000'], dtype='datetime64[ns]')
    """
    return time_N.astype("datetime64[ns]")


def to_nanoseconds(duration: timedelta) -> int:
    """A duration in nanoseconds.

    >>> to_nanoseconds(timedelta(minutes=1))
    60000000000
    """
    return duration // timedelta(microseconds=1) * 1000


def from_nanoseconds(duration_ns: int) -> timedelta:
    """A duration to the nearest microsecond.

    >>> from_nanoseconds(60_000_000_000)
    datetime.timedelta(seconds=60)
    """
    return timedelta(microseconds=duration_ns / 1000)


def last_known(known_K: pl.Series, at_N: pl.Series) -> pl.Series:
    """The last of rising ``known_K`` at or before each of rising ``at_N``, by its number; null where there is none.

    >>> last_known(pl.Series([10, 20]), pl.Series([9, 10, 25])).to_list()
    [None, 0, 1]
    """
    known = pl.DataFrame({"at": known_K, "row": np.arange(len(known_K))})
    return pl.DataFrame({"at": at_N}).join_asof(known, on="at", check_sortedness=False)["row"]
