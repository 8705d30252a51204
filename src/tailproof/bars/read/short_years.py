"""Dates of three pairs of digits, such as 12/01/02: whether the year comes first or last, and of which count it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from tailproof.bars.read.counted_years import FIRST_YEARS, TAIWAN_YEARS
from tailproof.core.errors import DataError
from tailproof.core.surface import setting

YEAR_FIRST = {"%m/%d/%y": "%y/%m/%d", "%m-%d-%y": "%y-%m-%d", "%d.%m.%y": "%y.%m.%d"}
RARELY = 4
"""The first pair is the year where it changes at most once while the last changes this often."""

DateParts = tuple[int, int, int]


def date_parts(cell: str) -> DateParts | None:
    """The three numbers of a date; None where a cell begins otherwise."""
    match = re.match(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{2,4})", cell)
    return None if match is None else (int(match[1]), int(match[2]), int(match[3]))


def year_place(cells: Sequence[str]) -> Literal["first", "last", "open"]:
    """Where the year stands in dates of two digits each; "open" where both readings are possible.

    >>> year_place(["24/01/02", "24/01/03"]), year_place(["24/01/02", "25/01/02"]), year_place(["24/01/02"])
    ('first', 'last', 'open')
    """
    dates = list(dict.fromkeys(numbers for numbers in map(date_parts, cells) if numbers is not None))
    first, middle, last = (max((date[at] for date in dates), default=0) for at in range(3))
    if last > 31 or middle > 12 or not dates:
        return "last"
    if first > 31:
        return "first"
    leading, trailing = (sum(one[at] != other[at] for one, other in pairwise(dates)) for at in (0, 2))
    runs = trailing > 0 and RARELY * leading <= trailing
    no_month = min(date[0] for date in dates) > 12
    if no_month and not trailing and not leading:
        return "last" if "." in cells[0] else "open"
    orders = {_in_order(dates, order) for order in ((2, 0, 1), (2, 1, 0))}
    if _in_order(dates, (0, 1, 2)) and (runs or orders == {False}):
        return "first" if no_month or orders == {False} else "open"
    return "first" if no_month and runs else "last"


def _in_order(dates: Sequence[DateParts], order: tuple[int, int, int]) -> bool:
    """Whether dates rise, or fall, when the pairs at these places are their years, months and days."""
    year, month, day = order
    if any(date[month] > 12 or date[day] > 31 for date in dates):
        return False
    keys = [((date[year] - 69) % 100, date[month], date[day]) for date in dates]
    return keys in (sorted(keys), sorted(keys, reverse=True))


def refuse_open_years(pattern: str, cells: Sequence[str], *, day_first: bool, source: str) -> None:
    """Refuse years of two digits that may stand first or last, or be of either count: 99 is 1999, or in Taiwan 2010.

    Args:
        pattern: the time format that the cells show.
        cells: the times.
        day_first: whether the user said that the day comes first.
        source: for messages.

    Raises:
        DataError: it names the time formats that decide.
    """
    short = re.match(r"%[md](.)%[md]\1%y", pattern)
    if short is not None and not day_first and year_place(cells) == "open":
        mark, rest = short[1], pattern[len(short[0]) :]
        after_day = date_parts(cells[0])
        last = f"%d{mark}%m{mark}%y" if mark == "." or (after_day and after_day[0] > 12) else f"%m{mark}%d{mark}%y"
        raise DataError(
            f"{source}: the year of {cells[0]!r} may stand first or last, and no date seen shows which. Say which: "
            f"{setting('time_format', f'%y{mark}%m{mark}%d{rest}')} or {setting('time_format', last + rest)}."
        )
    match = re.match(r"([6-9]\d)[/.-]", cells[0]) if pattern.startswith("%y") else None
    if match is not None:
        year = int(match[1])
        raise DataError(
            f"{source}: the year of {cells[0]!r} may be {1900 + year} or, counted from 1911 as in Taiwan, "
            f"{FIRST_YEARS['Taiwan'] + year}. Say which: {setting('time_format', pattern)} or "
            f"{setting('time_format', TAIWAN_YEARS)}."
        )
