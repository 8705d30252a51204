"""How a CSV file is written: its delimiter and header, told from the first line."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from tailproof.core.errors import DataError

DELIMITERS = (",", ";", "\t", "|")
UTF8_MARK = b"\xef\xbb\xbf"
FOREIGN_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
UNMARKED_BYTES = 64
"""So many bytes of Latin letters in UTF-16 without a mark have a NUL in every second place."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """Delimiter, column names as written, and whether commas mark decimals."""

    delimiter: str
    names: tuple[str, ...]
    decimal_comma: bool


def read_dialect(
    header: bytes, *, source: str, delimiter: str | None, decimal_comma: bool, names: tuple[str, ...] = ()
) -> Dialect:
    r"""The dialect that the header line (without its line end) shows; with ``names`` it is the first line of data.

    >>> read_dialect(b"time;close", source="a.csv", delimiter=None, decimal_comma=False).delimiter
    ';'

    Raises:
        DataError: the line is not UTF-8, is data and not a header, or has other cells than there are names.
    """
    text = _decoded(header.removeprefix(UTF8_MARK), source=source)
    if any(ord(character) < 32 and character != "\t" for character in text):
        raise DataError(f"{source}: line 1 holds control characters, so this is not a readable CSV file.")
    taken = delimiter or _delimiter(text, decimal_comma=decimal_comma)
    cells = tuple(next(csv.reader([text], delimiter=taken), []))
    if names and len(names) != len(cells):
        raise DataError(
            f"{source}: --header names {len(names)} columns, however line 1 has {len(cells)} cells ({text[:60]!r}). "
            "Name every column, in the order of the file."
        )
    if not names and sum(map(_is_data, cells)) > len(cells) / 2:
        raise DataError(
            f"{source}: line 1 is data, not a header ({text[:60]!r}). Name the columns in their order, such as "
            "--header time,open,high,low,close,volume, or put a line of names above it."
        )
    return Dialect(delimiter=taken, names=names or cells, decimal_comma=decimal_comma)


def refuse_foreign_encoding(start: bytes, *, source: str) -> None:
    """Refuse a file whose first bytes say that it is not UTF-8.

    Raises:
        DataError: it is UTF-16 or UTF-32.
    """
    found = next((encoding for mark, encoding in FOREIGN_MARKS.items() if start.startswith(mark)), None)
    first = start[:UNMARKED_BYTES]
    if found is None and len(first) > 1 and not (any(first[::2]) and any(first[1::2])):
        found = "UTF-16BE" if any(first[1::2]) else "UTF-16LE"
    if found is not None:
        raise DataError(
            f"{source}: the text is encoded as {found}, expected UTF-8. Save it as 'CSV UTF-8', or convert it: "
            f"iconv -f {found} -t UTF-8 {Path(source).name} > bars.csv"
        )


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


def _delimiter(line: str, *, decimal_comma: bool) -> str:
    """The mark that occurs most; a comma that marks decimals only where no other occurs."""
    found = max(DELIMITERS[1:] if decimal_comma else DELIMITERS, key=line.count)
    return found if found in line else DELIMITERS[0]
