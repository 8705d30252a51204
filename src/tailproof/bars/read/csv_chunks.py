"""A CSV file of any size, plain or compressed, as typed chunks in bounded memory."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path

import polars as pl

from tailproof.bars.faults import Fault
from tailproof.bars.read.blocks import BLOCK_BYTES, LINE_END, Block, read_blocks, read_start
from tailproof.bars.read.byte_streams import open_bytes
from tailproof.bars.read.csv_careful import parse_carefully
from tailproof.bars.read.csv_fast import parse_fast
from tailproof.bars.read.csv_layout import find_layout
from tailproof.bars.read.csv_line import cells_of_line
from tailproof.bars.read.dialect import UTF8_MARK, Dialect
from tailproof.bars.read.plain_text import as_plain_text
from tailproof.bars.read.raw_chunk import RawChunk
from tailproof.bars.read.table_plan import SAMPLE_ROWS, TablePlan, plan_table
from tailproof.core.errors import DataError
from tailproof.settings.read_options import ReadOptions

SAMPLE_BYTES = 1 << 16
LINE_BYTES = 4096
WIDE_ROWS = 20
"""Rows that are looked at where a line is longer than the usual sample."""
PARSERS = 2
"""Threads that parse, beside the one that reads and judges."""


def read_csv_chunks(
    path: Path,
    *,
    options: ReadOptions,
    required: tuple[str, ...],
    file: str = "",
    missing_marks: tuple[str, ...] = (),
    block_bytes: int = BLOCK_BYTES,
) -> Generator[tuple[TablePlan, RawChunk], None, None]:
    """Chunks in file order; memory is a few blocks whatever the length of the file.

    Raises:
        DataError: the file is not text, has no usable header, or is cut off inside its compression.
    """
    with open_bytes(path) as raw:
        stream, rewritten = as_plain_text(raw)
        start = read_start(stream, source=str(path))
        if not start.strip().removeprefix(UTF8_MARK):
            raise DataError(f"{path}: the file is empty. Expected a header line and one bar per line below it.")
        layout = find_layout(_whole_lines(start), source=str(path), options=options, dated=date_in(path) is not None)
        at = _end_of_line(start, layout.skipped)
        blocks = read_blocks(
            stream, start[at:], first_line=layout.skipped + 1, at=at, source=str(path), size=block_bytes
        )
        first = next(blocks, None)
        content = b"" if first is None else first.content
        sample = _as_table(_first_lines(content), layout.dialect)
        plan = plan_table(
            sample,
            source=str(path),
            options=options,
            required=required,
            marks=missing_marks,
            later=_as_table(_later_lines(content), layout.dialect),
            notes=(*rewritten, *layout.notes),
            date=date_in(path),
            step=layout.step,
        )
        dialect = replace(layout.dialect, decimal_comma=plan.numbers_as.decimal_comma)
        if first is None:
            raise DataError(f"{path}: there is a header but no rows. Expected at least one bar per line below it.")

        def parse(block: Block) -> RawChunk:
            chunk = parse_fast(block, dialect=dialect, plan=plan) or parse_carefully(
                block, dialect=dialect, plan=plan, file=file
            )
            return chunk if block.content[-1] == LINE_END else _without_line_end(chunk, block, file)

        for chunk in _parsed_ahead(chain([first], blocks), parse):
            yield plan, chunk


def _without_line_end(chunk: RawChunk, block: Block, file: str) -> RawChunk:
    last = block.first_line + block.lines - 1
    kind, expected = "the last line has no line end", "a whole line: the file may be cut off"
    fault = Fault(kind, [last], "the end of the file", expected, severity="warning", file=file)
    return replace(chunk, faults=(*chunk.faults, fault))


def _parsed_ahead(blocks: Iterable[Block], parse: Callable[[Block], RawChunk]) -> Iterator[RawChunk]:
    """The rows of all blocks in order: while some are looked at, the next are parsed in threads of their own."""
    with ThreadPoolExecutor(PARSERS, thread_name_prefix="csv") as parsers:
        ahead: deque[Future[RawChunk]] = deque()
        for block in blocks:
            ahead.append(parsers.submit(parse, block))
            if len(ahead) > PARSERS:
                yield ahead.popleft().result()
        for chunk in ahead:
            yield chunk.result()


def date_in(path: Path) -> date | None:
    """The date in the name of a file, or of the folder that it lies in: 20240102_trade.csv."""
    match = re.search(r"(?<!\d)((?:19|20)\d{2})-?(0[1-9]|1[0-2])-?([0-2]\d|3[01])(?!\d)", path.name)
    try:
        return None if match is None else date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _whole_lines(start: bytes) -> bytes:
    """``start`` without a torn last line, where there is another."""
    end = start.rfind(b"\n")
    return start if end <= 0 else start[:end]


def _end_of_line(content: bytes, line: int) -> int:
    """Where the lines up to number ``line`` end."""
    at = len(UTF8_MARK) if content.startswith(UTF8_MARK) and not line else 0
    for _ in range(line):
        end = content.find(b"\n", at)
        if end < 0:
            return len(content)
        at = end + 1
    return at


def _first_lines(content: bytes | memoryview) -> list[bytes]:
    """The first whole lines: those of ``SAMPLE_BYTES``, and some where thousands of columns make lines longer."""
    start = bytes(content[:SAMPLE_BYTES])
    if start.count(b"\n") >= WIDE_ROWS or len(start) == len(content):
        return start.splitlines()[:SAMPLE_ROWS]
    return bytes(content).split(b"\n", WIDE_ROWS)[:WIDE_ROWS]


def _later_lines(content: bytes | memoryview) -> list[bytes]:
    """Lines from all over a block: a day above 12 may come late in a month, an indicator may be empty at first."""
    end = SAMPLE_BYTES if len(content) > SAMPLE_BYTES else 0
    step = max(1, (len(content) - end) // SAMPLE_ROWS)
    pieces = (bytes(content[at : at + LINE_BYTES]).split(b"\n") for at in range(end, len(content), step))
    return list(dict.fromkeys(piece[1] for piece in pieces if len(piece) > 1 and piece[1]))


def _as_table(lines: list[bytes], dialect: Dialect) -> pl.DataFrame:
    """The lines that have the header's width, every cell text."""
    texts = [line.decode("utf-8", errors="replace") for line in lines]
    split = (cells_of_line(text, dialect.delimiter) for text in texts)
    rows = [row for row in split if len(row) == len(dialect.names)]
    columns = {name: [row[at] for row in rows] for at, name in enumerate(dialect.names)}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
