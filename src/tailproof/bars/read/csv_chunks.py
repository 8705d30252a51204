"""A CSV file of any size, plain or compressed, as typed chunks in bounded memory."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from pathlib import Path

import polars as pl

from tailproof.bars.faults import Fault
from tailproof.bars.read.blocks import BLOCK_BYTES, LINE_END, Block, read_blocks, read_header
from tailproof.bars.read.byte_streams import open_bytes
from tailproof.bars.read.csv_careful import parse_carefully
from tailproof.bars.read.csv_fast import parse_fast
from tailproof.bars.read.dialect import UTF8_MARK, Dialect, read_dialect
from tailproof.bars.read.raw_chunk import RawChunk
from tailproof.bars.read.table_plan import SAMPLE_ROWS, TablePlan, plan_table
from tailproof.core.errors import DataError
from tailproof.settings.read_options import ReadOptions

SAMPLE_BYTES = 1 << 16
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
) -> Iterator[tuple[TablePlan, RawChunk]]:
    """Chunks in file order; memory is a few blocks whatever the length of the file.

    Raises:
        DataError: the file is not text, has no usable header, or is cut off inside its compression.
    """
    with open_bytes(path) as stream:
        header, rest = read_header(stream, source=str(path))
        if not header.strip() and not rest:
            raise DataError(f"{path}: the file is empty. Expected a header line and one bar a line below it.")
        dialect = read_dialect(
            header,
            source=str(path),
            delimiter=options.delimiter,
            decimal_comma=options.decimal_comma,
            names=options.header,
        )
        first_line, at = 2, len(header) + 1
        if options.header:
            first_line, at, rest = 1, 0, header.removeprefix(UTF8_MARK) + b"\n" + rest
        blocks = read_blocks(stream, rest, first_line=first_line, at=at, source=str(path), size=block_bytes)
        first = next(blocks, None)
        _refuse_repeated(dialect.names, str(path))
        content = b"" if first is None else first.content
        plan = plan_table(
            _as_table(_first_lines(content), dialect),
            source=str(path),
            options=options,
            required=required,
            marks=missing_marks,
            later=_as_table(_later_lines(content), dialect),
        )
        if first is None:
            raise DataError(f"{path}: there is a header but no rows. Expected at least one bar a line below it.")

        def parse(block: Block) -> RawChunk:
            chunk = parse_fast(block, dialect=dialect, plan=plan) or parse_carefully(
                block, dialect=dialect, plan=plan, file=file, missing_marks=missing_marks
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


def _refuse_repeated(names: tuple[str, ...], source: str) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(
            f"{source}: the header names {', '.join(map(repr, repeated))} more than once. Rename the columns."
        )


def _first_lines(content: bytes | memoryview) -> list[bytes]:
    return bytes(content[:SAMPLE_BYTES]).splitlines()[:SAMPLE_ROWS]


def _later_lines(content: bytes | memoryview) -> list[bytes]:
    """Lines from all over a block: a day above 12 may come late in a month."""
    width = SAMPLE_BYTES // SAMPLE_ROWS
    steps = range(SAMPLE_BYTES, len(content), max(width, len(content) // SAMPLE_ROWS))
    return [line for at in steps for line in bytes(content[at : at + width]).split(b"\n")[1:2]]


def _as_table(lines: list[bytes], dialect: Dialect) -> pl.DataFrame:
    """The lines that have the header's width, every cell text."""
    texts = [line.decode("utf-8", errors="replace") for line in lines]
    rows = [row for row in csv.reader(texts, delimiter=dialect.delimiter) if len(row) == len(dialect.names)]
    columns = {name: [row[at] for row in rows] for at, name in enumerate(dialect.names)}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
