"""Times that programs count from other days than 1970: days of spreadsheets and of R, ticks of .NET and of Windows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from tailproof.arrays.times import DAY_NS, MINUTE_NS, SECOND_NS

SPREADSHEET_DAY = date(1899, 12, 30)
UNIX_DAY = date(1970, 1, 1)
SERIAL_SLACK = 0.05
"""Seconds that a day of a spreadsheet may lie beside a whole second: eight digits are then enough."""
OPEN_DAYS = (10_957, 25_569)
"""Numbers between these may be spreadsheets' days from 1929 to 1969, or days since 1970 from 2000 to 2040."""
TICK_NS = 100
WINDOWS_YEAR = 1601
TICK_ORIGINS = {date(1, 1, 1): (62 * 10**16, 67 * 10**16), date(WINDOWS_YEAR, 1, 1): (12 * 10**16, 14 * 10**16)}
"""Days from which .NET and Windows count ticks, and the numbers of ticks that are times of our days."""
GRIDS_NS = (DAY_NS, MINUTE_NS, SECOND_NS)
"""Whole days, minutes and seconds."""


def origin_of_days(cells: Sequence[str]) -> date | None:
    """The day from which days are counted; None where cells are no such numbers, or both readings are possible.

    Weekends decide where both are: the reading without any of them is right.

    >>> origin_of_days(["45293.5"]), origin_of_days(["20089", "20090", "20091", "20094", "20095"])
    (datetime.date(1899, 12, 30), datetime.date(1970, 1, 1))
    """
    if not cells or not all(re.fullmatch(r"[1-7]\d{4}(\.\d+)?", cell) for cell in cells):
        return None
    day_N = np.array([int(cell.split(".")[0]) for cell in cells])
    low, high = OPEN_DAYS
    if day_N.min() >= high:
        return SPREADSHEET_DAY
    if day_N.min() < low or day_N.max() >= high:
        return None
    working = [origin for origin in (SPREADSHEET_DAY, UNIX_DAY) if not _weekends(day_N, origin)]
    return working[0] if len(working) == 1 else None


def _weekends(day_N: np.ndarray, origin: date) -> bool:
    return bool(((day_N + origin.weekday()) % 7 >= 5).any())


def parse_days(text: pl.Series, origin: date) -> pl.Series:
    """Days to the second that is meant, in milliseconds; null where too few digits are there to tell it."""
    day = text.cast(pl.Float64, strict=False)
    second = day * 86_400.0
    whole = second.round(0).set(((second - second.round(0)).abs() > SERIAL_SLACK) | ~day.is_between(0, 99_999), None)
    first = (origin - UNIX_DAY).days * 86_400
    return ((whole.cast(pl.Int64) + first) * 1000).cast(pl.Datetime("ms"))


def origin_of_ticks(cells: Sequence[str]) -> date | None:
    """The day from which ticks of 100 ns are counted; None where numbers are nanoseconds since 1970.

    The same numbers are nanoseconds of 1990 or of 1974: the reading in which all are whole days, minutes or seconds
    is right.

    >>> origin_of_ticks(["638397378000000000", "638397378600000000"])
    datetime.date(1, 1, 1)
    """
    if not cells or not all(re.fullmatch(r"\d{18}", cell) for cell in cells):
        return None
    number_N = np.array([int(cell) for cell in cells], dtype=np.int64)
    origin = next((day for day, (low, high) in TICK_ORIGINS.items() if low <= number_N[0] < high), None)
    for grid_ns in GRIDS_NS if origin else ():
        if not (number_N % grid_ns).any():
            return None
        if not (number_N % (grid_ns // TICK_NS)).any():
            return origin
    return None


def parse_ticks(text: pl.Series, origin: date) -> pl.Series:
    """Ticks of 100 ns as naive datetimes in nanoseconds; null for numbers that are no times of our days."""
    low, high = TICK_ORIGINS[origin]
    number = text.cast(pl.Int64, strict=False)
    inside = number.set(~number.is_between(low, high - 1), None)
    ticks_before_1970 = (UNIX_DAY - origin).days * 86_400 * (10**9 // TICK_NS)
    return ((inside - ticks_before_1970) * TICK_NS).cast(pl.Datetime("ns"))
