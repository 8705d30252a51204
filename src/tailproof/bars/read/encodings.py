"""The encoding of a text file, found from its first bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tailproof.bars.read.aliases import ALIASES, variants
from tailproof.core.errors import DataError

FOREIGN_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
OLDER_ENCODINGS = {
    "cp1252": "Windows-1252",
    "gb18030": "GB18030",
    "cp1251": "Windows-1251",
    "cp932": "Shift JIS",
    "cp949": "CP949",
    "big5": "Big5",
    "cp1250": "Windows-1250",
    "cp1254": "Windows-1254",
    **{"cp1253": "Windows-1253", "cp1255": "Windows-1255", "cp1256": "Windows-1256", "cp874": "Windows-874"},
    **{"mac_roman": "Mac Roman", "cp850": "IBM 850", "iso8859_2": "ISO 8859-2", "koi8_r": "KOI8-R", "euc_jp": "EUC-JP"},
    "iso8859_7": "ISO 8859-7",
}
"""Encodings that are tried in this order, with their usual names."""
EUROPEAN = ("cp1252", "mac_roman")
EUROPEAN_LETTERS = frozenset("äöüÄÖÜßéèêàâçñóíáúãõÉÀ€£ ")
CHINESE_WORDS = ("日期", "时间", "开盘", "收盘", "成交")
HEADER_LINES = 20
MIN_NAMES = 4
UNMARKED_BYTES = 64
"""Latin letters in UTF-16 without a mark have a NUL in every second of this many bytes."""


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


def older_encoding(lines: Sequence[bytes]) -> str | None:
    """The encoding of whole lines that are not UTF-8, in which they are all letters; None where none is found.

    One line alone is no evidence, unless it is the first: a damaged byte would then be taken for a letter.

    >>> older_encoding(["Datum;Eröffnung;Hoch;Tief;Schluss".encode("mac_roman")])
    'mac_roman'
    """
    foreign = [not line.isascii() for line in lines]
    content = b"\n".join(lines)
    if not any(foreign) or (sum(foreign) < 2 and not foreign[0]) or is_utf8(content):
        return None
    texts = {encoding: text for encoding in OLDER_ENCODINGS if (text := _text(content, encoding)) is not None}
    named = {encoding: _count_names(text) for encoding, text in texts.items()}
    best = max(named, key=lambda encoding: named[encoding], default="")
    if best and named[best]:
        return best
    return next((encoding for encoding, text in texts.items() if _is_plausible(text, encoding)), None)


def _text(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def decoded(lines: Sequence[bytes], *, source: str) -> list[str]:
    """Lines as text without their ends; where the first is UTF-8, the others are looked at when they are read.

    Raises:
        DataError: the first line is not text.
    """
    content = b"\n".join(line.removesuffix(b"\r") for line in lines)
    if is_utf8(lines[0]):
        return content.decode("utf-8", errors="replace").split("\n")
    raise DataError(
        f"{source}: line 1 is not UTF-8, so this is not a readable CSV file. Save it as 'CSV UTF-8', or convert it "
        "from the encoding that it has (WINDOWS-1252 for Western Europe, WINDOWS-1251 for Cyrillic, SHIFT_JIS, CP949, "
        f"GB18030, MACINTOSH), such as: {conversion(source)}"
    )


def conversion(source: str) -> str:
    """A command that writes the file in UTF-8 beside itself.

    >>> conversion("data/bars.csv")
    'iconv -f WINDOWS-1252 -t UTF-8 bars.csv > utf8_bars.csv'
    """
    return f"iconv -f WINDOWS-1252 -t UTF-8 {Path(source).name} > utf8_{Path(source).stem}.csv"


def is_utf8(content: bytes) -> bool:
    """Whether bytes are whole characters of UTF-8."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_plausible(text: str, encoding: str) -> bool:
    """Whether letters beyond ASCII, none of them in the name of a column, are usual ones of this encoding."""
    if encoding == "gb18030":
        return any(word in text for word in CHINESE_WORDS)
    return encoding in EUROPEAN and {character for character in text if ord(character) > 127} <= EUROPEAN_LETTERS


def _count_names(text: str) -> int:
    """How many meanings a line names: a time and prices, one with letters beyond ASCII; 0 without such a line."""
    for line in text.split("\n")[:HEADER_LINES]:
        cells = re.split(r"[,;\t|]", line.replace('"', ""))
        meanings = {
            meaning: cell for cell in cells for meaning in ALIASES if set(variants(cell)) & set(ALIASES[meaning])
        }
        if len(meanings) >= MIN_NAMES and "time" in meanings and not all(cell.isascii() for cell in meanings.values()):
            return len(meanings)
    return 0
