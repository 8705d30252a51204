"""How a CSV file is written: its delimiter and header, told from the first line."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from tailproof.core.errors import DataError

DELIMITERS = (",", ";", "\t", "|")
UTF8_MARK = b"\xef\xbb\xbf"
FOREIGN_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """Delimiter, column names as written, and whether commas mark decimals."""

    delimiter: str
    names: tuple[str, ...]
    decimal_comma: bool


def read_dialect(header: bytes, *, source: str, delimiter: str | None, decimal_comma: bool) -> Dialect:
    r"""The dialect that the header line (without its line end) shows.

    >>> read_dialect(b"time;close", source="a.csv", delimiter=None, decimal_comma=False).delimiter
    ';'

    Raises:
        DataError: the line is not UTF-8, or is data and not a header.
    """
    text = _decoded(header.removeprefix(UTF8_MARK), source=source)
    if any(ord(character) < 32 and character != "\t" for character in text):
        raise DataError(f"{source}: line 1 holds control characters, so this is not a readable CSV file.")
    taken = delimiter or max(DELIMITERS, key=text.count)
    names = tuple(next(csv.reader([text], delimiter=taken), []))
    if names and all(_is_data(name) for name in names):
        raise DataError(
            f"{source}: line 1 is data, not a header ({text[:60]!r}). "
            "Put a line of column names above it, such as time,open,high,low,close,volume."
        )
    return Dialect(delimiter=taken, names=names, decimal_comma=decimal_comma)


def refuse_foreign_encoding(start: bytes, *, source: str) -> None:
    """Refuse a file whose first bytes say that it is not UTF-8.

    Raises:
        DataError: it is UTF-16 or UTF-32.
    """
    for mark, encoding in FOREIGN_MARKS.items():
        if start.startswith(mark):
            raise DataError(f"{source}: the text is encoded as {encoding}. Save it as UTF-8.")


def _decoded(line: bytes, *, source: str) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{source}: byte {error.start} of line 1 is not UTF-8, so this is not a readable CSV file. "
            "Expected text with a header line in UTF-8."
        ) from error


def _is_data(cell: str) -> bool:
    """Whether a header cell starts like a number or a time."""
    return cell.strip().lstrip("+-")[:1].isdigit()
