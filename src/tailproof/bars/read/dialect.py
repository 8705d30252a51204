"""How a CSV file is written: its encoding and delimiter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tailproof.bars.read.aliases import ALIASES, variants
from tailproof.core.errors import DataError

DELIMITERS = (",", ";", "\t", "|")
UTF8_MARK = b"\xef\xbb\xbf"
FOREIGN_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
OLDER_ENCODINGS = ("cp1252", "gb18030", "cp1251", "shift_jis", "cp949", "big5", "cp1250", "cp1254")
HEADER_LINES = 20
UNMARKED_BYTES = 64
"""Latin letters in UTF-16 without a mark have a NUL in every second of this many bytes."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """Delimiter, column names as written, and whether commas mark decimals."""

    delimiter: str
    names: tuple[str, ...]
    decimal_comma: bool


def foreign_encoding(start: bytes) -> str | None:
    """UTF-16 or UTF-32, where the first bytes of a file are in it; None for everything else.

    >>> foreign_encoding("time,open".encode("utf-16")), foreign_encoding("time,open".encode("utf-16-be"))
    ('UTF-16', 'UTF-16BE')
    """
    name = next((encoding for mark, encoding in FOREIGN_MARKS.items() if start.startswith(mark)), None)
    first = start[:UNMARKED_BYTES]
    if name is None and len(first) > 1 and not (any(first[::2]) and any(first[1::2])):
        name = "UTF-16BE" if any(first[1::2]) else "UTF-16LE"
    return name


def decoded(lines: Sequence[bytes], *, source: str) -> list[str]:
    """Lines as text without their ends: UTF-8, or one of the older encodings in which it is all letters.

    Raises:
        DataError: they are not text.
    """
    content = b"\n".join(line.removesuffix(b"\r") for line in lines)
    for encoding in ("utf-8", *OLDER_ENCODINGS):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or _is_plausible(text, encoding):
            return text.split("\n")
    if _is_utf8(lines[0]):
        return content.decode("utf-8", errors="replace").split("\n")  # the rows are looked at one by one
    at = next(number for number, line in enumerate(lines, start=1) if not _is_utf8(line))
    raise DataError(
        f"{source}: line {at} is not UTF-8, so this is not a readable CSV file. Save it as 'CSV UTF-8', or convert it "
        "from the encoding that it has (WINDOWS-1252 for Western Europe, WINDOWS-1251 for Cyrillic, SHIFT_JIS, CP949, "
        f"GB18030), such as: iconv -f WINDOWS-1252 -t UTF-8 {Path(source).name} > utf8_{Path(source).stem}.csv"
    )


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_plausible(text: str, encoding: str) -> bool:
    """Whether every letter beyond ASCII is one that names of columns have in this encoding."""
    if _names_columns(text):
        return True
    foreign = {character for character in text if ord(character) > 127}
    if encoding not in ("cp1252", "gb18030"):
        return False
    if encoding == "gb18030":
        return any(word in text for word in ("日期", "时间", "开盘", "收盘", "成交"))
    return foreign <= set("äöüÄÖÜßéèêàâçñóíáúãõÉÀ€£ ")


def _names_columns(text: str) -> bool:
    """Whether a line has the names of a time and of prices, one of them with letters beyond ASCII."""
    for line in text.split("\n")[:HEADER_LINES]:
        cells = re.split(r"[,;\t|]", line.replace('"', ""))
        meanings = {
            meaning: cell for cell in cells for meaning in ALIASES if set(variants(cell)) & set(ALIASES[meaning])
        }
        if len(meanings) >= 4 and "time" in meanings and not all(cell.isascii() for cell in meanings.values()):
            return True
    return False


def is_data(cell: str) -> bool:
    """Whether a cell of the first line starts like a number or a time."""
    return cell.strip().lstrip("+-$")[:1].isdigit()


def most_common_mark(line: str, *, decimal_comma: bool) -> str:
    """The mark that occurs most in a line; a comma that marks decimals only where no other occurs."""
    mark = max(DELIMITERS[1:] if decimal_comma else DELIMITERS, key=line.count)
    if mark == "," and ";" in line and all(re.fullmatch(r"[^,]*(,\d+)?", cell) for cell in line.split(";")):
        return ";"
    return mark if mark in line else DELIMITERS[0]
