"""Dates whose years are counted otherwise: 113/01/02 in Taiwan and 02/01/2567 in Thailand are 2 January 2024."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import polars as pl

Country = Literal["", "Taiwan", "Thailand"]
"""Where the years of a file are counted so; empty where they are the usual ones."""
FIRST_YEARS = {"Taiwan": 1911, "Thailand": -543}
"""What is added to a year."""
TAIWAN_YEARS = "minguo"
"""The time format by which a user says that years are counted so."""
MARKED = r"^(?:民國|民国)?\s*(\d{2,3})[/.\-年](\d{1,2})[/.\-月](\d{1,2})日?(.*)$"
THAI = r"^((?:\d{1,2}[/. -](?:\d{1,2}|[A-Za-z]{3,9})[/. -])?)(2[4-6]\d\d)(\D.*)?$"
DIGITS = r"^(\d{3})(\d{2})(\d{2})( .*)?$"


def country_of_years(cells: Sequence[str]) -> Country:
    """Where all dates are counted so; years of two digits alone show nothing.

    >>> [country_of_years([cell]) for cell in ("0990102", "99/12/31", "2567-01-02", "02/01/2567", "2024-01-02")]
    ['Taiwan', '', 'Thailand', 'Thailand', '']
    """
    if cells and all(re.match(THAI, cell) for cell in cells):
        return "Thailand"
    shown = any(re.match(r"民[國国]|[01]\d\d[/.\-年]\d|[01]\d{6}$", cell) for cell in (*cells[:1], *cells[-1:]))
    return "Taiwan" if shown and all(_is_date(cell) for cell in cells) else ""


def _is_date(cell: str) -> bool:
    match = re.match(MARKED, cell) or re.match(DIGITS, cell)
    return match is not None and 0 < int(match[1]) < 200 and 0 < int(match[2]) <= 12 and 0 < int(match[3]) <= 31


def gregorian(cells: pl.Series, country: Country) -> pl.Series:
    """The dates by the usual count; null where a cell is no such date.

    >>> gregorian(pl.Series(["113/1/2", "民國99年12月31日", "1130102"]), "Taiwan").to_list()
    ['2024-01-02', '2010-12-31', '2024-01-02']
    >>> gregorian(pl.Series(["02/01/2567 09:30"]), "Thailand").to_list()
    ['02/01/2024 09:30']
    """
    text = cells.str.strip_chars()
    return _of_taiwan(text) if country == "Taiwan" else _of_thailand(text)


def _of_thailand(text: pl.Series) -> pl.Series:
    before, year, rest = text.str.extract_groups(THAI).struct.unnest()
    usual = (year.cast(pl.Int64) + FIRST_YEARS["Thailand"]).cast(pl.String)
    return before + usual + rest.fill_null("")


def _of_taiwan(text: pl.Series) -> pl.Series:
    marked = text.str.extract_groups(MARKED).struct.unnest()
    plain = text.str.extract_groups(DIGITS).struct.unnest()
    year, month, day, rest = (marked[name].fill_null(plain[name]) for name in marked.columns)
    full_year = (year.cast(pl.Int64) + FIRST_YEARS["Taiwan"]).cast(pl.String)
    parts = pl.DataFrame({"year": full_year, "month": month.str.pad_start(2, "0"), "day": day.str.pad_start(2, "0")})
    dates = parts.select(pl.concat_str("year", "month", "day", separator="-")).to_series()
    return dates + rest.fill_null("")
