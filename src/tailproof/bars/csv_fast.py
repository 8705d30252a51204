"""A block of well-formed CSV lines straight to typed columns; anything unusual is left to ``csv_careful``."""

from __future__ import annotations

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from tailproof.bars.blocks import Block
from tailproof.bars.dialect import Dialect
from tailproof.bars.raw_chunk import RawChunk
from tailproof.bars.table_plan import LINE, TablePlan


def parse_fast(block: Block, *, dialect: Dialect, plan: TablePlan) -> RawChunk | None:
    """The rows of ``block``, or None where any cell, line or quote needs a closer look.

    Readers fill short lines with nulls without a word, so the delimiters are counted in the bytes: together with the
    parser's refusal of long lines this leaves no short one.
    """
    if dialect.decimal_comma or b'"' in block.content:
        return None
    delimiters = np.count_nonzero(np.frombuffer(block.content, np.uint8) == ord(dialect.delimiter))
    if delimiters != block.lines * (len(dialect.names) - 1):
        return None
    numbers = set(plan.numbers)
    schema = {meaning: pl.Float64 if meaning in numbers else pl.String for meaning in plan.meanings.values()}
    try:
        frame = pl.read_csv(
            block.content,
            has_header=False,
            schema=schema,
            separator=dialect.delimiter,
            quote_char=None,
        )
    except PolarsError:
        return None
    if frame.height != block.lines:
        return None
    lines = pl.int_range(block.first_line, block.first_line + block.lines, dtype=pl.UInt32).alias(LINE)
    return RawChunk(frame=frame.drop(plan.unused).with_columns(lines), rows=block.lines)
