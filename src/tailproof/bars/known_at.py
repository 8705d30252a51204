"""When a bar, or a value published once a day, is known."""

from __future__ import annotations

from datetime import time, timedelta

import polars as pl

NEW_YORK = "America/New_York"
DAY = timedelta(days=1)
DAY_CLOSE = time(16, 0)
"""A daily bar is taken as complete at 16:00 New York of its date, the close of the US cash market."""
DAILY_VIX_USABLE = time(18, 0)
"""Cboe publishes a day's VIX close after 16:15 New York; it is used from 18:00, when the next futures session opens."""


def known_at_bar_end(time_column: pl.Expr, *, bar_length: timedelta) -> pl.Expr:
    """When a bar that starts at ``time_column`` (UTC) is complete: its end, or 16:00 New York for a daily bar.

    A bar of several days is complete at 16:00 New York of its last day.
    """
    if bar_length >= DAY:
        return at_new_york(time_column + (bar_length - DAY), DAY_CLOSE)
    return (time_column + bar_length).dt.cast_time_unit("ns")


def at_new_york(date_column: pl.Expr, clock: time) -> pl.Expr:
    """The UTC instant of ``clock`` in New York on the date that ``date_column`` (midnight UTC) names."""
    local = date_column.dt.replace_time_zone(None).dt.truncate("1d") + pl.duration(
        hours=clock.hour, minutes=clock.minute
    )
    return local.dt.replace_time_zone(NEW_YORK).dt.convert_time_zone("UTC").dt.cast_time_unit("ns")
