"""Dates whose years are counted from 1911, as in Taiwan: 113/01/02 is 2 January 2024."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

FIRST_YEAR = 1911
TAIWAN_YEARS = "minguo"
"""The time format by which a user says that years are counted so."""
MARKED = r"^(?:民國|民国)?\s*(\d{2,3})[/.\-年](\d{1,2})[/.\-月](\d{1,2})日?(.*)$"
DIGITS = r"^(\d{3})(\d{2})(\d{2})( .*)?$"


def are_taiwan_years(cells: Sequence[str]) -> bool:
    """Whether all cells are dates of Taiwan's years, and one shows it by three digits or by its name.

    >>> are_taiwan_years(["99/12/31", "100/01/03"]), are_taiwan_years(["99/12/31"]), are_taiwan_years(["1130102"])
    (True, False, True)
    """
    if not any(re.match(r"民[國国]|1\d\d[/.\-年]\d|1\d{6}$", cell) for cell in (*cells[:1], *cells[-1:])):
        return False
    return all(_is_date(cell) for cell in cells)


def _is_date(cell: str) -> bool:
    match = re.match(MARKED, cell) or re.match(DIGITS, cell)
    return match is not None and 0 < int(match[1]) < 200 and 0 < int(match[2]) <= 12 and 0 < int(match[3]) <= 31


def gregorian(cells: pl.Series) -> pl.Series:
    """The dates by the usual count; null where a cell is no such date.

    >>> gregorian(pl.Series(["113/1/2", "民國99年12月31日", "1130102"])).to_list()
    ['2024-01-02', '2010-12-31', '2024-01-02']
    """
    text = cells.str.strip_chars()
    marked = text.str.extract_groups(MARKED).struct.unnest()
    plain = text.str.extract_groups(DIGITS).struct.unnest()
    year, month, day, rest = (marked[name].fill_null(plain[name]) for name in marked.columns)
    full_year = (year.cast(pl.Int64) + FIRST_YEAR).cast(pl.String)
    parts = pl.DataFrame({"year": full_year, "month": month.str.pad_start(2, "0"), "day": day.str.pad_start(2, "0")})
    dates = parts.select(pl.concat_str("year", "month", "day", separator="-")).to_series()
    return dates + rest.fill_null("")
