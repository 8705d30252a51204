"""A CSV file of any size, plain or compressed, as typed chunks in bounded memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from tailproof.bars.blocks import BLOCK_BYTES, read_blocks, read_header
from tailproof.bars.byte_streams import open_bytes
from tailproof.bars.csv_careful import parse_carefully
from tailproof.bars.csv_fast import parse_fast
from tailproof.bars.dialect import Dialect, read_dialect
from tailproof.bars.faults import Fault
from tailproof.bars.raw_chunk import RawChunk
from tailproof.bars.settings import ReadSettings
from tailproof.bars.table_plan import SAMPLE_ROWS, TablePlan, plan_table
from tailproof.core.errors import DataError


def read_csv_chunks(
    path: Path,
    *,
    settings: ReadSettings,
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
        decimal_comma, delimiter = settings.decimal_comma, settings.delimiter
        dialect = read_dialect(header, source=str(path), delimiter=delimiter, decimal_comma=decimal_comma)
        plan: TablePlan | None = None
        block = None
        for block in read_blocks(stream, rest, header_bytes=len(header) + 1, source=str(path), size=block_bytes):
            if plan is None:
                sample = _sample(block.content, dialect, source=str(path))
                plan = plan_table(sample, source=str(path), settings=settings, required=required, marks=missing_marks)
            chunk = parse_fast(block, dialect=dialect, plan=plan) or parse_carefully(
                block, dialect=dialect, plan=plan, file=file, missing_marks=missing_marks
            )
            yield plan, chunk
        if block is None or plan is None:
            plan_table(_sample(b"", dialect, source=str(path)), source=str(path), settings=settings, required=required)
            raise DataError(f"{path}: there is a header but no rows. Expected at least one bar a line below it.")
        if not block.content.endswith(b"\n"):
            last = block.first_line + block.lines - 1
            kind, expected = "the last line has no line end", "a whole line: the file may be cut off"
            fault = Fault(kind, [last], "the end of the file", expected, severity="warning", file=file)
            yield plan, RawChunk(frame=chunk.frame.clear(), rows=0, faults=(fault,))


def _sample(content: bytes, dialect: Dialect, *, source: str) -> pl.DataFrame:
    """The first lines that have the header's width, every cell text."""
    repeated = sorted({name for name in dialect.names if dialect.names.count(name) > 1})
    if repeated:
        raise DataError(
            f"{source}: the header names {', '.join(map(repr, repeated))} more than once. Rename the columns."
        )
    lines = content[: 1 << 16].decode("utf-8", errors="replace").splitlines()[:SAMPLE_ROWS]
    rows = [row for row in csv.reader(lines, delimiter=dialect.delimiter) if len(row) == len(dialect.names)]
    columns = {name: [row[at] for row in rows] for at, name in enumerate(dialect.names)}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
