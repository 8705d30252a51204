"""How a CSV file is written: its delimiter, names and decimal mark."""

from __future__ import annotations

import re
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|")
UTF8_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """Delimiter, column names as written, and whether commas mark decimals."""

    delimiter: str
    names: tuple[str, ...]
    decimal_comma: bool


def is_data(cell: str) -> bool:
    """Whether a cell of the first line starts like a number or a time."""
    return cell.strip().lstrip("+-$")[:1].isdigit()


def most_common_mark(line: str, *, decimal_comma: bool) -> str:
    """The mark that occurs most in a line; a comma that marks decimals only where no other occurs."""
    mark = max(DELIMITERS[1:] if decimal_comma else DELIMITERS, key=line.count)
    if mark == "," and ";" in line and all(re.fullmatch(r"[^,]*(,\d+)?", cell) for cell in line.split(";")):
        return ";"
    return mark if mark in line else DELIMITERS[0]
