"""Whole lines of a text file in bounded blocks, counted in the bytes themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tailproof.bars.byte_streams import ByteStream
from tailproof.bars.dialect import refuse_foreign_encoding
from tailproof.core.errors import DataError

BLOCK_BYTES = 1 << 23
"""8 MiB, about 130,000 bars: small enough to stay in the cache of the processor, large enough to hide the overhead."""
LONGEST_LINE = 1 << 20
"""A bar is some hundred bytes; a longer line than 1 MiB is not a bar, and is refused before it fills the memory."""


@dataclass(frozen=True)
class Block:
    """Lines of a file, each but perhaps the file's last with its line end."""

    content: bytes
    first_line: int
    lines: int
    """Lines in the block, blank ones among them."""


def read_header(stream: ByteStream, *, source: str) -> tuple[bytes, bytes]:
    """The first line without its end, and what was read beyond it.

    Raises:
        DataError: no line end within ``LONGEST_LINE`` bytes, or bytes that are not text.
    """
    content = b""
    while b"\n" not in content and len(content) <= LONGEST_LINE:
        more = stream.read(1 << 16)
        if not more:
            break
        content += more
    refuse_foreign_encoding(content, source=source)
    header, _, rest = content.partition(b"\n")
    _refuse_nul(header, at=0, source=source)
    if len(header) > LONGEST_LINE:
        raise _too_long(1, source)
    if b"\r" in header.rstrip(b"\r"):
        raise DataError(
            f"{source}: lines end with a lone carriage return (old Macintosh). Save the file with \\n or \\r\\n."
        )
    return header.rstrip(b"\r"), rest


def read_blocks(
    stream: ByteStream, rest: bytes, *, header_bytes: int, source: str, size: int = BLOCK_BYTES
) -> Iterator[Block]:
    """Blocks of whole lines below the header, in order; never more than about two of them in memory.

    Raises:
        DataError: a NUL byte (a file with a hole, or not a text file), or a line that is far too long for a bar.
    """
    line, at, tail = 2, header_bytes, rest
    while True:
        content = stream.read(size)
        if not content:
            break
        cut = content.rfind(b"\n") + 1
        if cut == 0:
            tail += content
            _refuse_long(tail, line, source)
            continue
        _refuse_long(tail + content[: content.find(b"\n")], line, source)
        block = _block(tail + content[:cut], line, at, source)
        yield block
        line, at, tail = line + block.lines, at + len(block.content), content[cut:]
        _refuse_long(tail, line, source)
    if tail:
        yield _block(tail, line, at, source)


def _block(content: bytes, line: int, at: int, source: str) -> Block:
    _refuse_nul(content, at=at, source=source)
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    return Block(content, line, lines)


def _refuse_nul(content: bytes, *, at: int, source: str) -> None:
    nul = content.find(b"\0")
    if nul >= 0:
        raise DataError(
            f"{source}: byte {at + nul} is NUL, so this is not a CSV text file (or it has a hole from a broken copy). "
            "Expected bars as text lines; copy it again."
        )


def _refuse_long(text: bytes, line: int, source: str) -> None:
    """``text`` without its last line end is one line, or the start of one."""
    if len(text) > LONGEST_LINE and b"\n" not in text:
        raise _too_long(line, source)


def _too_long(line: int, source: str) -> DataError:
    return DataError(
        f"{source}: line {line} is longer than {LONGEST_LINE:,} bytes, so it is not a bar. Expected one bar a line."
    )
