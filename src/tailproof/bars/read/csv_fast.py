"""A block of well-formed CSV lines straight to typed columns; anything unusual is left to ``csv_careful``."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]

from tailproof import _csv
from tailproof.bars.read.blocks import Block
from tailproof.bars.read.dialect import DELIMITERS, Dialect
from tailproof.bars.read.raw_chunk import RawChunk
from tailproof.bars.read.table_plan import LINE, TablePlan
from tailproof.bars.read.time_format import EPOCH_UNITS, NANOSECONDS, TimeFormat

DATE_DIRECTIVES, CLOCK_DIRECTIVES = ("%Y", "%m", "%d"), ("%H", "%M", "%S", "%.f", "%z")
"""Time formats that the native reader knows: the date first, the clock from hours down."""
TYPED = ("number", "time", "epoch")
"""Kinds of columns whose cells become eight bytes."""


def parse_fast(block: Block, *, dialect: Dialect, plan: TablePlan) -> RawChunk | None:
    """The rows of ``block``, or None where any cell, line or quote needs a closer look.

    Times are typed where each is written in full width, and left as text where one is not, such as 9:30.
    """
    if dialect.delimiter not in DELIMITERS or (dialect.decimal_comma and dialect.delimiter == ","):
        return None
    if not _is_utf8(block):
        return None
    for kinds in _kinds(plan):
        layout = _layout(dialect, kinds, plan.time_format)
        # One large array, not one per column: the system then gives it in pages of megabytes, which is twice as fast.
        typed_CN = np.empty((sum(kind in TYPED for kind in kinds.values()), block.lines))
        others = _csv.parse_block(layout, block.content, typed_CN)
        if others is not None and not _has_lines_of_text(kinds, others, plan):
            zone = "UTC" if plan.time_format is not None and plan.time_format.has_offset else None
            return RawChunk(frame=_frame(kinds, typed_CN, others, zone=zone, block=block), rows=block.lines)
    return None


def _is_utf8(block: Block) -> bool:
    """Whether all is text, without the marks that stand between files that were put behind each other."""
    if block.is_ascii:
        return True
    try:
        text = str(block.content, "utf-8")
    except UnicodeDecodeError:
        return False
    return "\ufffd" not in text and "\ufeff" not in text


def _has_lines_of_text(kinds: dict[str, str], others: list[Any], plan: TablePlan) -> bool:
    """Whether times are left as text and a line has none of the needed numbers: it may be no bar by design."""
    missing = [
        mask
        for (name, kind), mask in zip(kinds.items(), others, strict=True)
        if kind == "number" and name in plan.needed
    ]
    if kinds.get("time") != "text" or not missing or any(mask is None for mask in missing):
        return False
    return bool(np.logical_and.reduce(missing).any())


def _kinds(plan: TablePlan) -> list[dict[str, str]]:
    """How the native reader should parse each column, by meaning; the second way is tried where the first fails."""
    numbers, unused = set(plan.numbers), set(plan.unused)
    as_text = {
        meaning: "skip" if meaning in unused else "number" if meaning in numbers else "text"
        for meaning in plan.meanings.values()
    }
    typed = _time_kind(plan.time_format)
    return [as_text] if typed is None or "time" not in as_text else [as_text | {"time": typed}, as_text]


def _time_kind(form: TimeFormat | None) -> str | None:
    """How the native reader parses times; None for forms that it does not know, and for dates in disguise."""
    if form is None or form.kind not in ("text", "epoch") or not form.plain or form.zone or form.midnights:
        return None
    if form.kind == "epoch":
        return "epoch"
    directives = re.findall(r"%\.?\w", form.pattern)
    clock = [directive for directive in CLOCK_DIRECTIVES if directive in directives]
    falls = directives[len(directives) - len(clock) :] == clock
    return "time" if falls and set(directives) <= {*DATE_DIRECTIVES, *CLOCK_DIRECTIVES} else None


def _layout(dialect: Dialect, kinds: dict[str, str], form: TimeFormat | None) -> _csv.Layout:
    pattern, epoch = "", (0, 0, 1)
    if form is not None and "time" in kinds.values():
        pattern = form.pattern
    if form is not None and "epoch" in kinds.values():
        epoch = _epoch_range(form.pattern)
    mark = "," if dialect.decimal_comma else "."
    return _csv.Layout(
        delimiter=dialect.delimiter, decimal_mark=mark, columns=list(kinds.values()), time_pattern=pattern, epoch=epoch
    )


def _epoch_range(unit: str) -> tuple[int, int, int]:
    """The first and the first too large number of ``unit``, and its nanoseconds."""
    low, high = next((int(low), int(high)) for name, low, high in EPOCH_UNITS if name == unit)
    scale = NANOSECONDS[unit]
    return low, min(high, (2**63 - 1) // scale), scale


def _frame(
    kinds: dict[str, str], typed_CN: np.ndarray, others: list[Any], *, zone: str | None, block: Block
) -> pl.DataFrame:
    """The columns as they lie in memory, not copied."""
    arrays, typed = {}, iter(typed_CN)
    for (meaning, kind), other in zip(kinds.items(), others, strict=True):
        if kind == "number":
            arrays[meaning] = _array(pa.float64(), next(typed), missing=other)
        elif kind in TYPED:
            arrays[meaning] = _array(pa.timestamp("ns", tz=zone), next(typed))
        elif kind == "text":
            text, offsets = other
            arrays[meaning] = pa.LargeStringArray.from_buffers(block.lines, pa.py_buffer(offsets), pa.py_buffer(text))
    line_N = np.arange(block.first_line, block.first_line + block.lines, dtype=np.uint32)
    arrays[LINE] = _array(pa.uint32(), line_N)
    frame = pl.from_arrow(pa.table(arrays))
    assert isinstance(frame, pl.DataFrame)
    return frame


def _array(kind: Any, value_N: np.ndarray, *, missing: np.ndarray | None = None) -> Any:
    """An Arrow array over the values; ``pa.array`` would first import pandas, to see whether they are of it."""
    validity = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(kind, len(value_N), [validity, pa.py_buffer(value_N)])
