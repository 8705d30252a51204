"""When a bar, or a value published once a day, is known."""

from __future__ import annotations

from datetime import time, timedelta

import polars as pl

from tailproof.arrays.times import DAY_NS, to_nanoseconds
from tailproof.bars.read.utc_times import on_weekends
from tailproof.core.new_york import NEW_YORK

DAY = timedelta(days=1)
DAY_CLOSE = time(16, 0)
"""A daily bar is taken as complete at 16:00 New York of its date, the close of the US cash market."""
DAILY_VIX_USABLE = time(18, 0)
"""Cboe publishes a day's VIX close after 16:15 New York; it is used from 18:00, when the next futures session opens."""


def are_dates(start: pl.Series, *, bar_length: timedelta) -> bool:
    """Whether bars of a day or more are named by the dates of an exchange; a file's dates become midnights of UTC.

    Bars that begin in the evening before, as sessions of futures do, are not over at 16:00 New York of that evening's
    date; nor are the days of a market that has a Saturday or a Sunday among them, as those of crypto currencies, which
    end at midnight UTC. One such bar, and all are taken as spans of time.
    """
    if bar_length < DAY:
        return False
    start_N = start.cast(pl.Int64).to_numpy()
    midnights = not (start_N % DAY_NS).any()
    return named_by_dates(bar_length, midnights=midnights, weekends=on_weekends(start_N // DAY_NS))


def named_by_dates(bar_length: timedelta, *, midnights: bool, weekends: bool) -> bool:
    """The rule of ``are_dates`` for bars of which it is known whether all start at midnight, and any on a weekend.

    Weeks and months may be named by a Sunday.
    """
    return midnights and (bar_length > DAY or (bar_length == DAY and not weekends))


def known_at_bar_end(start: pl.Series, *, bar_length: timedelta, dates: bool) -> pl.Series:
    """When bars that start at ``start`` (UTC, ns) are complete: at their end.

    Bars named by ``dates`` are complete at 16:00 New York of their date, those of several days of their last.
    """
    if dates:
        return at_new_york(start + (bar_length - DAY), DAY_CLOSE).alias("known_at")
    return later(start, bar_length).alias("known_at")


def at_new_york(dates: pl.Series, clock: time) -> pl.Series:
    """The UTC instants of ``clock`` in New York on the dates that ``dates`` (midnight UTC) name."""
    local = dates.dt.replace_time_zone(None).dt.truncate("1d") + timedelta(hours=clock.hour, minutes=clock.minute)
    return local.dt.replace_time_zone(NEW_YORK).dt.convert_time_zone("UTC").dt.cast_time_unit("ns")


def latest(first: pl.Series, second: pl.Series) -> pl.Series:
    """The later of two instants, row by row, under the name of the first."""
    return pl.select(pl.max_horizontal(first, second)).to_series().alias(first.name)


def later(instants: pl.Series, wait: timedelta) -> pl.Series:
    """Instants (ns) moved by ``wait``, as whole numbers: a sum of durations would go through a pool of threads."""
    return (instants.cast(pl.Int64) + to_nanoseconds(wait)).cast(instants.dtype)
