"""A block of CSV lines cell by cell: which lines and cells cannot be read, and every other row kept."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tailproof.bars.faults import Fault
from tailproof.bars.read.blocks import Block
from tailproof.bars.read.dialect import Dialect
from tailproof.bars.read.raw_chunk import UNREADABLE_SCHEMA, RawChunk
from tailproof.bars.read.table_plan import LINE, TablePlan

REPAIR = ("drop-unreadable",)
SHOWN_CHARACTERS = 40


@dataclass(frozen=True)
class _Line:
    number: int
    text: str
    cells: tuple[str, ...]


def parse_carefully(
    block: Block, *, dialect: Dialect, plan: TablePlan, file: str = "", missing_marks: Sequence[str] = ()
) -> RawChunk:
    """The readable rows of ``block`` and a fault for every other line; blank lines are counted and passed over."""
    lines, blank, faults = _split(block, dialect, file)
    width = len(dialect.names)
    whole = [line for line in lines if len(line.cells) == width]
    ragged = [line for line in lines if len(line.cells) != width]
    rejected = [(line, _width_reason(line, width)) for line in ragged]
    faults += _ragged_faults(ragged, width, file)
    if blank:
        kind = "blank lines, passed over"
        faults.append(Fault(kind, blank, "no cells", "one bar a line", severity="warning", file=file))
    columns = {meaning: [line.cells[at] for line in whole] for at, meaning in enumerate(plan.meanings.values())}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(
        pl.Series(LINE, [line.number for line in whole], dtype=pl.UInt32)
    )
    frame, bad, cell_faults = typed_numbers(
        frame.drop(plan.unused), plan.numbers, decimal_comma=dialect.decimal_comma, marks=missing_marks, file=file
    )
    rejected += [(line, "a cell that is not a number") for line, is_bad in zip(whole, bad, strict=True) if is_bad]
    return RawChunk(
        frame=frame.filter(~bad),
        rows=len(lines),
        faults=(*faults, *cell_faults),
        unreadable=_unreadable(rejected),
    )


def _unreadable(rejected: list[tuple[_Line, str]]) -> pl.DataFrame:
    rows = [(line.number, reason, line.text) for line, reason in rejected]
    return pl.DataFrame(rows, schema=UNREADABLE_SCHEMA, orient="row")


def _split(block: Block, dialect: Dialect, file: str) -> tuple[list[_Line], list[int], list[Fault]]:
    """Lines with their cells, the numbers of blank lines, and faults of bytes and quotes."""
    lines: list[_Line] = []
    blank: list[int] = []
    foreign: list[int] = []
    quotes: list[int] = []
    for number, raw in enumerate(bytes(block.content).removesuffix(b"\n").split(b"\n"), start=block.first_line):
        text = raw.removesuffix(b"\r").decode("utf-8", errors="replace")
        if not text.strip():
            blank.append(number)
            continue
        if "\ufffd" in text:
            foreign.append(number)
        if text.count('"') % 2:
            quotes.append(number)
            lines.append(_Line(number, text, ()))
            continue
        lines.append(_Line(number, text, _cells(text, dialect.delimiter)))
    faults = []
    if foreign:
        faults.append(Fault("bytes that are not UTF-8", foreign, "foreign bytes", "text in UTF-8", file=file))
    if quotes:
        expected = "both quotes of a cell on its line"
        faults.append(Fault("unclosed quote", quotes, "an odd number of quotes", expected, repairs=REPAIR, file=file))
    return lines, blank, faults


def _cells(text: str, delimiter: str) -> tuple[str, ...]:
    if '"' not in text:
        return tuple(text.split(delimiter))
    return tuple(next(csv.reader([text], delimiter=delimiter)))


def _width_reason(line: _Line, width: int) -> str:
    return "an unclosed quote" if not line.cells else f"{len(line.cells)} cells instead of {width}"


def _ragged_faults(ragged: list[_Line], width: int, file: str) -> list[Fault]:
    faults = []
    for kind, lines in (
        ("too few cells", [line for line in ragged if 0 < len(line.cells) < width]),
        ("too many cells", [line for line in ragged if len(line.cells) > width]),
    ):
        if lines:
            found = f"{len(lines[0].cells)} in {shown(lines[0].text)}"
            numbers = [line.number for line in lines]
            faults.append(Fault(kind, numbers, found, f"{width} as in the header", repairs=REPAIR, file=file))
    return faults


def typed_numbers(
    frame: pl.DataFrame, numbers: Sequence[str], *, decimal_comma: bool, marks: Sequence[str], file: str
) -> tuple[pl.DataFrame, pl.Series, list[Fault]]:
    """Text columns ``numbers`` as float64, a mask of rows with a cell that is no number, and a fault a column."""
    bad = pl.repeat(value=False, n=frame.height, dtype=pl.Boolean, eager=True)
    faults = []
    for name in numbers:
        if frame[name].dtype != pl.String:
            continue
        cells = frame[name].str.strip_chars()
        cells = cells.set(cells.is_in(["", *marks]), None)
        values = _cast(cells, decimal_comma=decimal_comma)
        wrong = values.is_null() & cells.is_not_null()
        if wrong.any():
            first = cells.filter(wrong)[0]
            lines = frame[LINE].filter(wrong).to_list()
            expected = _expected_number(first, decimal_comma=decimal_comma)
            faults.append(Fault(f"text in '{name}'", lines, shown(first), expected, repairs=REPAIR, file=file))
            bad = bad | wrong
        frame = frame.with_columns(values.alias(name))
    return frame, bad, faults


def _cast(cells: pl.Series, *, decimal_comma: bool) -> pl.Series:
    if not decimal_comma:
        return cells.cast(pl.Float64, strict=False)
    points = cells.str.contains(".", literal=True)  # a point would be a thousands mark: 1.676 is not 1.676 here
    commas = cells.set(points.fill_null(value=False), "?").str.replace(",", ".", literal=True)
    return commas.cast(pl.Float64, strict=False)


def _expected_number(cell: str, *, decimal_comma: bool) -> str:
    digits = cell.replace(",", "").replace(".", "").lstrip("+-")
    if not digits.isdigit():
        return "a number"
    if decimal_comma:
        return "a number with a decimal comma and no thousands mark"
    return "a number with a decimal point and no thousands mark (--decimal-comma reads 1,5 as 1.5)"


def shown(text: str) -> str:
    """A cell or line for a message, cut short."""
    return repr(text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…")
