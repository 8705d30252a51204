"""The text of a file as the readers of lines take it: in UTF-8, with line feeds, and with the digits 0 to 9."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

import polars as pl

from tailproof.bars.read.byte_streams import ByteStream, read_some
from tailproof.bars.read.encodings import OLDER_ENCODINGS, foreign_encoding, older_encoding

LOOK_BYTES = 1 << 16
MARKS = {"٫": ".", "٬": ",", "．": ".", "，": ",", "／": "/", "：": ":", "－": "-", "＋": "+"}
"""Marks that stand between digits of other scripts."""
OTHER_DIGIT = r"(?![0-9])\d"


class _PlainDigits(dict[int, str]):
    """What takes the place of each character, by its code: decimal digits of all scripts become those of ASCII."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        self[code] = str(unicodedata.decimal(letter, MARKS.get(letter, letter)))
        return self[code]


PLAIN_DIGITS = _PlainDigits()


def other_digit(text: str) -> str:
    """The first digit of another script in a text; empty where there is none.

    >>> other_digit("close ٤٧"), other_digit("close 47")
    ('٤', '')
    """
    match = None if text.isascii() else re.search(OTHER_DIGIT, text)
    return match[0] if match else ""


def with_plain_digits(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame whose cells of text hold no digits of other scripts, but those of ASCII."""
    other = [cells for cells in frame.select(pl.col(pl.String)) if cells.str.contains(r"[\p{Nd}--[0-9]]").any()]
    return frame.with_columns(
        cells.replace({text: text.translate(PLAIN_DIGITS) for text in cells.drop_nulls().unique()}) for cells in other
    )


@dataclass(frozen=True, kw_only=True)
class _Writing:
    """How a text is written, and what is to be changed."""

    encoding: str | None
    """None for UTF-8."""
    line_ends: str
    """The line end of old Macintosh files, or a doubled carriage return; empty for all others."""
    digit: str
    """A digit of another script; empty where there is none."""

    @property
    def is_plain(self) -> bool:
        return self.encoding is None and not self.line_ends and not self.digit

    def notes(self) -> tuple[str, ...]:
        """What was changed, as sentences."""
        name = OLDER_ENCODINGS.get(self.encoding or "", self.encoding)
        return (
            *([f"The text is in {name}."] if name else []),
            *(["Lines end with a lone carriage return (old Macintosh)."] if self.line_ends == "\r" else []),
            *([f"Digits such as {self.digit} are read as those from 0 to 9."] if self.digit else []),
        )


def as_plain_text(stream: ByteStream) -> tuple[ByteStream, tuple[str, ...]]:
    """The stream in UTF-8 with line feeds and plain digits, and sentences that say what was written otherwise."""
    first = read_some(stream, LOOK_BYTES)
    whole = _Continued(first, stream)
    writing = _writing(first)
    return (whole, ()) if writing.is_plain else (_Rewritten(whole, writing), writing.notes())


def _writing(first: bytes) -> _Writing:
    encoding = foreign_encoding(first)
    if encoding is None:
        lines = re.split(rb"[\r\n]+", first)
        encoding = older_encoding(lines[:-1] if len(first) == LOOK_BYTES and len(lines) > 1 else lines)
    decoder = codecs.getincrementaldecoder(encoding or "utf-8")(errors="replace")
    text = decoder.decode(first)
    doubled = text.count("\r\r\n")
    line_ends = "\r" if "\r" in text and "\n" not in text else ""
    if doubled and doubled == text.count("\n"):
        line_ends = "\r\r\n"
    return _Writing(encoding=encoding, line_ends=line_ends, digit=other_digit(text))


class _Continued:
    """Bytes that were read from a stream before, and then the rest of it."""

    def __init__(self, first: bytes, stream: ByteStream) -> None:
        self._first, self._stream = first, stream

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill ``buffer`` from its start and return the number of bytes; 0 at the end."""
        if not self._first:
            return self._stream.readinto(buffer)
        count = min(len(buffer), len(self._first))
        buffer[:count] = self._first[:count]
        self._first = self._first[count:]
        return count


class _Rewritten:
    """The text of a stream in plain form; what is no text becomes U+FFFD, which the reader of lines reports."""

    def __init__(self, stream: ByteStream, writing: _Writing) -> None:
        self._stream, self._left, self._writing = stream, b"", writing
        self._decoder = codecs.getincrementaldecoder(writing.encoding or "utf-8")(errors="replace")
        self._ended = False

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill ``buffer`` from its start and return the number of bytes; 0 at the end."""
        while not self._left and not self._ended:
            raw = read_some(self._stream, len(buffer))
            self._ended = not raw
            self._left = self._plain(self._decoder.decode(raw, final=self._ended)).encode()
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def _plain(self, text: str) -> str:
        if self._writing.line_ends:
            text = text.replace("\r", "\n" if self._writing.line_ends == "\r" else "")
        return text.translate(PLAIN_DIGITS) if self._writing.digit else text
