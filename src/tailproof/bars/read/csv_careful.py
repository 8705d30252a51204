"""A block of CSV lines cell by cell: which lines and cells cannot be read, and every other row kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import polars as pl

from tailproof.bars.faults import Fault
from tailproof.bars.read.blocks import Block
from tailproof.bars.read.csv_line import cells_of_line
from tailproof.bars.read.dialect import Dialect, is_data
from tailproof.bars.read.raw_chunk import UNREADABLE_SCHEMA, RawChunk
from tailproof.bars.read.table_plan import LINE, TablePlan
from tailproof.core.surface import setting, switch

REPAIR = ("drop-unreadable",)
WITHOUT_VOLUME = f"{setting('ignore', 'volume')} reads the bars without it"
SHOWN_CHARACTERS = 40
MIN_WIDTH = 4
"""Cells of a bar from which on a line of fewer words is none."""
RULERS = " \t\v\f\r\x1a\"'-:+|"
"""Characters of lines that are empty, that part a header from rows, or that end a file of DOS."""


@dataclass(frozen=True)
class _CsvLine:
    number: int
    text: str
    cells: tuple[str, ...]


def parse_carefully(block: Block, *, dialect: Dialect, plan: TablePlan, file: str = "") -> RawChunk:
    """The readable rows of ``block`` and a fault for every other line; blank lines are counted and passed over."""
    lines, blank, faults = _split(block, dialect, file)
    width = len(dialect.names)
    lines, asides = _without_text(lines, dialect)
    whole = [line for line in lines if len(line.cells) == width]
    ragged = [line for line in lines if len(line.cells) != width]
    rejected = [(line, _width_reason(line, width)) for line in ragged]
    faults += _ragged_faults(ragged, width, file)
    for kind, numbers in (("blank lines, passed over", blank), ("lines of text, passed over", asides)):
        if numbers:
            faults.append(Fault(kind, numbers, "no cells of a bar", "one bar per line", severity="warning", file=file))
    columns = {meaning: [line.cells[at] for line in whole] for at, meaning in enumerate(plan.meanings.values())}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(
        pl.Series(LINE, [line.number for line in whole], dtype=pl.UInt32)
    )
    frame, bad, cell_faults = typed_numbers(frame.drop(plan.unused), plan, file=file)
    rejected += [(line, "a cell that is not a number") for line, is_bad in zip(whole, bad, strict=True) if is_bad]
    return RawChunk(
        frame=frame.filter(~bad),
        rows=len(lines),
        faults=(*faults, *cell_faults),
        unreadable=_unreadable(rejected),
    )


def _without_text(lines: list[_CsvLine], dialect: Dialect) -> tuple[list[_CsvLine], list[int]]:
    """Lines without those that are no bars by design: the header again, and a vendor's words at the end."""
    header = tuple(name.strip().lower() for name in dialect.names)
    asides = [line.number for line in lines if _is_header(line, header) or _is_footer(line, len(header))]
    aside_numbers = set(asides)
    return ([line for line in lines if line.number not in aside_numbers] if aside_numbers else lines), asides


def _is_header(line: _CsvLine, header: tuple[str, ...]) -> bool:
    return len(line.cells) == len(header) and tuple(cell.strip().lower() for cell in line.cells) == header


def _is_footer(line: _CsvLine, width: int) -> bool:
    """Words, and no number or date, in fewer cells than a bar has."""
    filled = [cell.strip() for cell in line.cells if cell.strip()]
    if width < MIN_WIDTH or not 0 < len(filled) < width or any(map(is_data, filled)):
        return False
    if re.fullmatch(r"!\w+!", filled[0]):
        return True  # the word that ends an answer of IQFeed
    return re.match(r"[^\W\d]|[#*©(\[]", filled[0]) is not None and " " in "".join((filled[0], *line.cells[1:])).strip()


def _unreadable(rejected: list[tuple[_CsvLine, str]]) -> pl.DataFrame:
    rows = [(line.number, reason, line.text) for line, reason in rejected]
    return pl.DataFrame(rows, schema=UNREADABLE_SCHEMA, orient="row")


def _split(block: Block, dialect: Dialect, file: str) -> tuple[list[_CsvLine], list[int], list[Fault]]:
    """Lines with their cells, the numbers of blank lines, and faults of bytes and quotes."""
    lines: list[_CsvLine] = []
    blank: list[int] = []
    foreign: list[int] = []
    quotes: list[int] = []
    for number, raw in enumerate(bytes(block.content).removesuffix(b"\n").split(b"\n"), start=block.first_line):
        text = raw.removesuffix(b"\r").decode("utf-8", errors="replace").removeprefix("\ufeff")
        if not text.strip(RULERS + dialect.delimiter):
            blank.append(number)
            continue
        if "\ufffd" in text:
            foreign.append(number)
        if text.count('"') % 2:
            quotes.append(number)
            lines.append(_CsvLine(number, text, ()))
            continue
        lines.append(_CsvLine(number, text, _cells(text, dialect.delimiter)))
    faults = []
    if foreign:
        expected = "text in UTF-8; convert the file from the encoding that it has, or copy it again"
        faults.append(Fault("bytes that are not UTF-8", foreign, "foreign bytes", expected, file=file))
    if quotes:
        expected = "both quotes of a cell on its line"
        faults.append(Fault("unclosed quote", quotes, "an odd number of quotes", expected, repairs=REPAIR, file=file))
    return lines, blank, faults


def _cells(text: str, delimiter: str) -> tuple[str, ...]:
    if '"' not in text and delimiter != " ":
        return tuple(text.split(delimiter))
    return cells_of_line(text, delimiter)


def _width_reason(line: _CsvLine, width: int) -> str:
    return "an unclosed quote" if not line.cells else f"{len(line.cells)} cells instead of {width}"


def _ragged_faults(ragged: list[_CsvLine], width: int, file: str) -> list[Fault]:
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


def typed_numbers(frame: pl.DataFrame, plan: TablePlan, *, file: str) -> tuple[pl.DataFrame, pl.Series, list[Fault]]:
    """Text columns of numbers as float64, a mask of rows with a cell that is no number, and one fault per column.

    In a column that no bar needs such a cell is missing, and a warning.
    """
    bad = pl.repeat(value=False, n=frame.height, dtype=pl.Boolean, eager=True)
    faults, typed = [], []
    for name in plan.numbers:
        if frame[name].dtype != pl.String:
            continue
        needed = name in plan.needed
        cells = frame[name]
        values, wrong = plan.numbers_as.read(cells, grouped=not needed or _is_grouped_volume(name, cells))
        if wrong.any():
            lines = frame[LINE].filter(wrong).to_list()
            first = cells.filter(wrong)[0].strip()
            fault = Fault(f"text in '{name}'", lines, shown(first), _expected_number(first, name, plan), file=file)
            share = wrong.sum() / len(wrong)
            repairs = REPAIR if share < 1 / 2 else ()
            faults.append(replace(fault, repairs=repairs) if needed else replace(fault, severity="warning"))
            bad = bad | wrong if needed else bad
        typed.append(values.alias(name))
    return frame.with_columns(typed), bad, faults


def _is_grouped_volume(name: str, cells: pl.Series) -> bool:
    """Whether all volumes are whole numbers, some with marks between thousands."""
    return name == "volume" and bool(
        cells.str.contains(r"^\s*\d{1,3}(([.,]\d{3})*|(,\d{2})*,\d{3})\s*$").fill_null(value=True).all()
    )


def _expected_number(cell: str, name: str, plan: TablePlan) -> str:
    if re.search(r"\d['-]\d\d\D?$", cell):
        return "a decimal number; write prices in parts of 32 as decimals (110'16 is 110.5)"
    if not cell.replace(",", "").replace(".", "").lstrip("+-").isdigit():
        return "a number" + (f" ({WITHOUT_VOLUME})" if name == "volume" else "")
    if plan.numbers_as.decimal_comma:
        return "a number with a decimal comma and no thousands mark"
    return f"a number with a decimal point and no thousands mark ({switch('decimal_comma')} reads 1,5 as 1.5)"


def shown(text: str) -> str:
    """A cell or line for a message, cut short."""
    return repr(text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…")
