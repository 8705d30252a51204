"""The clock of simulated bars: 23-hour sessions from 18:00 New York to 17:00 of the trade date."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from tailproof.arrays.ranges import ceil_div
from tailproof.bars.simulate.log_volatility import MINUTES
from tailproof.core.new_york import NEW_YORK

USUAL_START = date(2015, 1, 5)
LAST_DAY = date(2025, 12, 31)
EARLIEST_START = date(1884, 1, 2)  # New York kept its own solar time until November 1883

_ZONE = ZoneInfo(NEW_YORK)


@lru_cache(maxsize=1)
def _calendar() -> np.busdaycalendar:
    holidays = [date(year, *day) for year in range(1880, 2400) for day in ((1, 1), (12, 25))]
    return np.busdaycalendar(holidays=holidays)


def trade_dates(start: date, *, first: int, count: int) -> np.ndarray:
    """The trade dates number ``first`` to ``first + count - 1`` on or after ``start``: Monday to Friday, without
    New Year's Day and Christmas.

    >>> trade_dates(date(2015, 12, 24), first=0, count=2).astype(str).tolist()
    ['2015-12-24', '2015-12-28']
    """
    offsets = np.arange(first, first + count)
    return np.busday_offset(np.datetime64(start, "D"), offsets, roll="forward", busdaycal=_calendar())


def usual_start(rows: int) -> date:
    """2015-01-05, or as much earlier as keeps the last bar out of the year 2026, but never before 1884.

    >>> usual_start(1_142_809), usual_start(5_000_000).year
    (datetime.date(2015, 1, 5), 2012)
    """
    sessions = ceil_div(rows, MINUTES)
    latest = np.busday_offset(np.datetime64(LAST_DAY, "D"), 1 - sessions, roll="backward", busdaycal=_calendar())
    latest_start: date = latest.astype(object)
    return max(EARLIEST_START, min(USUAL_START, latest_start))


def opening_seconds(trade_date_S: np.ndarray) -> np.ndarray:
    """The UTC epoch second of each session's first bar: 18:00 New York on the day before the trade date.

    Clocks change on Sunday at 2:00, between sessions, so each session is 1380 UTC minutes in a row.
    """
    return np.array([_opening_second(day) for day in trade_date_S.astype(object)], dtype=np.int64)


def _opening_second(day: date) -> int:
    return int(datetime.combine(day - timedelta(days=1), time(18), tzinfo=_ZONE).timestamp())
