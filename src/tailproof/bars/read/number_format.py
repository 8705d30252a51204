"""How the numbers of a file are written: the decimal mark, marks of thousands, units such as 1.81M, signs of money."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

MISSING = (
    "",
    "-",
    "--",
    "—",
    "–",
    "n/a",
    "na",
    "null",
    "none",
    "#n/a",
    "n.a.",
    "nil",
    "n/e",
    "<na>",
    "nat",
    "#n/a n/a",
)
"""Cells that say that there is no value, in lower case."""
UNITS = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12, "mio": 1e6, "mrd": 1e9, "万": 1e4, "亿": 1e8, "萬": 1e4, "億": 1e8}
BLANKS = r"'’\s\u00a0\u202f"
MONEY = r"[$€£¥￥₹₩₽+]|\b(?:usd|eur|gbp|jpy|chf|cny|hkd|inr|cad|aud|krw|rub|brl|sek|nok|dkk|pln|czk|try|kr|zł)\b"
"""Signs and codes of money, in lower case."""
EXCEL_TEXT = r'^="(.*)"$'
"""A number that a spreadsheet is to leave as it stands."""
PARTED = rf"^-?\d{{1,3}}([{BLANKS}]\d{{3}})+([.,]\d+)?[^\d{BLANKS}]*$"
"""Blanks or apostrophes between thousands, and nowhere else: 110'16 is 110 and 16 parts of 32, and no 11016."""
LAKHS = r"^-?\d{1,2}(,\d{2})+,\d{3}(\.\d+)?$"
"""Marks between thousands as in India: 1,23,456."""
SURE_POINT = r"^-?(?:\d*\.\d{1,2}|\d*\.\d{4,}|0\.\d+|\d{4,}\.\d+)$"
"""A decimal point that could not part thousands."""
BOTH_POINT, BOTH_COMMA = r"\d{1,3}(,\d{3})+\.\d+", r"\d{1,3}(\.\d{3})+,\d+"


@dataclass(frozen=True, kw_only=True)
class NumberFormat:
    """One way to write numbers; what plain numbers are needs none of it."""

    decimal_comma: bool = False
    grouped: bool = False
    """Whether the other mark (a comma where points mark decimals) may stand between thousands."""
    marks: tuple[str, ...] = ()
    """Further cells that mean "no value", such as FRED's "."."""

    def read(self, cells: pl.Series, *, grouped: bool = False) -> tuple[pl.Series, pl.Series]:
        """Numbers (null where there is none), and a mask of the cells that are neither a number nor missing.

        ``grouped`` allows marks of thousands in this column, whatever the file shows.

        >>> NumberFormat().read(pl.Series(["1.81M", "$191.38", "0.5%", "--"]))[0].to_list()
        [1810000.0, 191.38, 0.005, None]
        """
        text = cells.str.strip_chars()
        text = text.set(text.str.to_lowercase().is_in([*MISSING, *self.marks]), None)
        values = self._plain(text)
        rest = values.is_null() & text.is_not_null()
        if rest.any():
            values = values.fill_null(self._decorated(text.set(~rest, None), grouped=grouped or self.grouped))
        return values, values.is_null() & text.is_not_null()

    def plain_columns(self, frame: pl.DataFrame, names: Sequence[str]) -> set[str]:
        """The text columns in which some cells are plain numbers and all others missing, found in one look at all.

        Wide files have thousands of them, and a look at each with ``read`` takes most of the time of a short file.
        """
        if self.decimal_comma:
            return set()
        texts = [name for name in names if frame[name].dtype == pl.String]
        if not texts:
            return set()
        cell = pl.col(texts).str.strip_chars()
        value = cell.cast(pl.Float64, strict=False)
        missing = cell.is_null() | cell.str.to_lowercase().is_in([*MISSING, *self.marks])
        plain = frame.select((value.is_not_null() | missing).all() & value.is_not_null().any())
        return {name for name, is_plain in plain.row(0, named=True).items() if is_plain}

    def _plain(self, text: pl.Series) -> pl.Series:
        if not self.decimal_comma:
            return text.cast(pl.Float64, strict=False)
        points = text.str.contains(".", literal=True).fill_null(value=False)
        return text.set(points, "?").str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)

    def _decorated(self, text: pl.Series, *, grouped: bool) -> pl.Series:
        bare = text.str.to_lowercase().str.replace(EXCEL_TEXT, "${1}").str.replace_all(MONEY, "")
        bare = bare.str.strip_chars().str.replace(r"^\((.*)\)$", "-${1}")
        parted = bare.str.contains(PARTED).fill_null(value=False)
        bare = bare.str.replace_all(f"[{BLANKS}]", "").zip_with(parted, bare)
        unit = bare.str.extract(r"([^\d.,\-e]+)$").str.strip_chars()
        digits = bare.str.replace(r"[^\d.,\-e]+$", "")
        if grouped:
            mark = r"\." if self.decimal_comma else ","
            shape = rf"^-?\d{{1,3}}({mark}\d{{3}})+([.,]\d+)?$"
            whole = digits.str.contains(shape if self.decimal_comma else f"{shape}|{LAKHS}").fill_null(value=False)
            digits = digits.str.replace_all(mark, "").zip_with(whole, digits)
        factors = {**UNITS, "%": 0.01}
        factor = unit.replace_strict(factors, default=None, return_dtype=pl.Float64).set(unit.is_null(), 1.0)
        return self._plain(digits) * factor


def number_format(columns: Iterable[pl.Series], *, decimal_comma: bool, marks: tuple[str, ...]) -> NumberFormat:
    """The format that the sampled cells of text columns show; nothing is assumed where two readings are possible.

    >>> number_format([pl.Series(["3,181.13", "12"])], decimal_comma=False, marks=()).grouped
    True
    >>> number_format([pl.Series(["4700,25", "4701,5"])], decimal_comma=False, marks=()).decimal_comma
    True
    """
    cells, pointed = [], False
    for column in columns:
        known = column.drop_nulls().str.strip_chars()
        plain = known.cast(pl.Float64, strict=False).is_not_null() & (not decimal_comma)
        pointed = pointed or bool(known.filter(plain).str.contains(SURE_POINT).any())
        odd = known.filter(~plain & known.str.contains(r"[.,]"))
        cells += [re.sub(f"{MONEY}|[{BLANKS}]", "", cell.lower()).rstrip("%kmbt") for cell in odd.to_list()]
    numbers = [cell.lstrip("-") for cell in cells if re.fullmatch(r"-?[\d.,]+", cell)]
    point = pointed or any(
        re.fullmatch(rf"\d*\.\d+|{BOTH_POINT}", cell) and not _is_group(cell, ".") for cell in numbers
    )
    comma = any(re.fullmatch(rf"\d*,\d+|{BOTH_COMMA}", cell) and not _is_group(cell, ",") for cell in numbers)
    commas = decimal_comma or (comma and not point)
    both = BOTH_COMMA if commas else BOTH_POINT
    groups = r"\d{1,3}(\.\d{3}){2,}" if commas else r"\d{1,3}(,\d{3}){2,}|\d{1,2}(,\d{2})+,\d{3}"
    grouped = any(re.fullmatch(rf"{both}|{groups}", cell) for cell in numbers) or (point and not commas)
    return NumberFormat(decimal_comma=commas, grouped=grouped, marks=marks)


def _is_group(cell: str, mark: str) -> bool:
    """Whether the mark could part thousands as well: 4.700, but not 0.700 or 4.70."""
    return re.fullmatch(rf"[1-9]\d{{0,2}}(\{mark}\d{{3}})+", cell) is not None
