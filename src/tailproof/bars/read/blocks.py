"""Whole lines of a text file in bounded blocks, counted in the bytes themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tailproof import _csv
from tailproof.bars.read.byte_streams import ByteStream
from tailproof.core.errors import DataError

BLOCK_BYTES = 1 << 23
"""8 MiB, about 130,000 bars: small enough to stay in the cache of the processor, large enough to hide the overhead."""
START_BYTES = 1 << 16
LINE_END = ord("\n")
MAX_LINE_BYTES = 1 << 20
"""A bar is some hundred bytes; a longer line than 1 MiB is not a bar, and is refused before it fills the memory."""


@dataclass(frozen=True)
class Block:
    """Lines of a file, each but perhaps the file's last with its line end."""

    content: memoryview
    first_line: int
    lines: int
    """Lines in the block, blank ones among them."""
    is_ascii: bool


def read_start(stream: ByteStream, *, source: str) -> bytes:
    """The first bytes of a file: ``START_BYTES`` or more, with one whole line at least.

    Raises:
        DataError: no line end within ``MAX_LINE_BYTES`` bytes, or bytes that are not text.
    """
    content, ended = b"", False
    while not ended and len(content) <= MAX_LINE_BYTES and (len(content) < START_BYTES or b"\n" not in content):
        more = _read_onto(content, stream, START_BYTES)
        ended = more is None
        content = content if more is None else bytes(more)
    first = content.partition(b"\n")[0]
    _refuse_nul(first.find(b"\0"), at=0, source=source)
    if len(first) > MAX_LINE_BYTES:
        raise _too_long(1, source)
    if b"\r" in first.rstrip(b"\r"):
        raise DataError(
            f"{source}: lines end with a lone carriage return (old Macintosh). Save the file with \\n or \\r\\n."
        )
    return content


def read_blocks(
    stream: ByteStream, rest: bytes, *, first_line: int, at: int, source: str, size: int = BLOCK_BYTES
) -> Iterator[Block]:
    """Blocks of whole lines in order: first those of ``rest``, which starts at byte ``at`` of the file.

    Raises:
        DataError: a NUL byte (a file with a hole, or not a text file), or a line that is far too long for a bar.
    """
    line, tail = first_line, rest
    ended = False
    while not ended:
        more = _read_onto(tail, stream, size)
        content, ended = (memoryview(tail), True) if more is None else (more, False)
        line_ends, whole, nul, is_ascii = _csv.survey(content)
        _refuse_nul(nul, at=at, source=source)
        _refuse_long(content, line, source)
        if ended:
            line_ends, whole = line_ends + (whole < len(content)), len(content)
        if line_ends:
            yield Block(content[:whole], line, line_ends, is_ascii)
        line, at, tail = line + line_ends, at + whole, bytes(content[whole:])
        _refuse_long(memoryview(tail), line, source)


def _read_onto(tail: bytes, stream: ByteStream, size: int) -> memoryview | None:
    """``tail`` and up to ``size`` bytes more; None at the end of the stream."""
    content = np.empty(len(tail) + size, np.uint8).data
    content[: len(tail)] = tail
    count = stream.readinto(content[len(tail) :])
    return content[: len(tail) + count] if count else None


def _refuse_nul(nul: int, *, at: int, source: str) -> None:
    if nul >= 0:
        raise DataError(
            f"{source}: byte {at + nul} is NUL, so this is not a CSV text file (or it has a hole from a broken copy). "
            "Expected bars as text lines; copy it again."
        )


def _refuse_long(content: memoryview, line: int, source: str) -> None:
    """Refuse a first line of ``content`` (or its beginning) that is too long."""
    if len(content) > MAX_LINE_BYTES and b"\n" not in bytes(content[: MAX_LINE_BYTES + 1]):
        raise _too_long(line, source)


def _too_long(line: int, source: str) -> DataError:
    return DataError(
        f"{source}: line {line} is longer than {MAX_LINE_BYTES:,} bytes, so it is not a bar. Expected one bar per line."
    )
