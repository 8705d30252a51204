"""What each column of a file is, decided once from its names and first rows, and held to for all later rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from tailproof.bars.read.columns import KNOWN_AT, PRICES, TEXT_COLUMNS, TIME_PARTS, recognise
from tailproof.bars.read.time_format import TimeFormat, recognise_time
from tailproof.core.errors import DataError
from tailproof.settings.read_options import ReadOptions

LINE = "__line"
"""Line of the file, or row of the table from 1."""
SOURCE = "__source"
"""Number of the file a row came from."""
TIME_COLUMNS = ("time", *TIME_PARTS)
SAMPLE_ROWS = 200
MADE_HERE = ("session", "segment", "regular_hours")
"""Columns of finished bars: made anew from the times, never taken from a file."""


@dataclass(frozen=True, kw_only=True)
class TablePlan:
    """Meaning and type of every column of a file."""

    meanings: dict[str, str]
    """Column of the file to meaning, in the order of the file."""
    text: tuple[str, ...]
    """Meanings kept as text, KNOWN_AT among them until its times are read."""
    unused: tuple[str, ...]
    """Meanings left out: other columns that hold text, or nothing."""
    time_format: TimeFormat | None
    """None where the times are typed, or where no cell is a time."""
    known_at_format: TimeFormat | None = None
    """The same of a column ``known_at``."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """Meanings that are read as float64."""
        other = {*TIME_COLUMNS, *self.text, *self.unused}
        return tuple(meaning for meaning in self.meanings.values() if meaning not in other)

    @property
    def of_known_at(self) -> TablePlan:
        """The plan of a table whose time is the column KNOWN_AT."""
        return replace(self, meanings={KNOWN_AT: "time"}, text=(), unused=(), time_format=self.known_at_format)

    @property
    def kept(self) -> tuple[str, ...]:
        """Meanings of the finished frame beside the time, prices first."""
        first = [name for name in (*PRICES, "volume") if name in self.numbers]
        return (*first, *(name for name in (*self.numbers, *self.text) if name not in first))


def plan_table(
    sample: pl.DataFrame,
    *,
    source: str,
    options: ReadOptions,
    required: tuple[str, ...],
    marks: tuple[str, ...] = (),
    later: pl.DataFrame | None = None,
) -> TablePlan:
    """The plan that the names and the first rows (all cells text) lead to.

    Rows from further on, ``later``, are looked at for a date that shows whether days or months come first.

    Raises:
        DataError: columns are missing or ambiguous.
    """
    if not sample.columns:
        raise DataError(f"{source}: there is no header. Expected a line of column names.")
    meanings = recognise(sample.columns, source=source, required=required, chosen=options.columns)
    named = sample.rename(meanings)
    text = tuple(meaning for meaning in meanings.values() if meaning in (*TEXT_COLUMNS, KNOWN_AT))
    known = {*TIME_COLUMNS, *PRICES, "volume", "vix_close", *required, *options.columns, *text}
    unused = tuple(
        meaning
        for meaning in meanings.values()
        if meaning in MADE_HERE
        or (
            meaning not in known
            and not _holds_numbers(named[meaning], decimal_comma=options.decimal_comma, marks=marks)
        )
    )
    cells = [*time_cells(named), *([] if later is None else time_cells(later.rename(meanings)))]
    time_format = recognise_time(cells, day_first=options.day_first)
    known_at = named[KNOWN_AT].cast(pl.String).drop_nulls().to_list() if KNOWN_AT in text else []
    return TablePlan(
        meanings=meanings,
        text=text,
        unused=unused,
        time_format=time_format,
        known_at_format=recognise_time(known_at, day_first=options.day_first) if known_at else None,
    )


def time_cells(named: pl.DataFrame) -> Sequence[str]:
    """The cells of the time, those of a date and a clock column joined by a space."""
    if "time" in named.columns:
        cells = named["time"]
    elif set(TIME_PARTS) <= set(named.columns):
        cells = named.select(join_time_parts())["time"]
    else:
        return []
    return [cell for cell in cells.cast(pl.String).str.strip_chars().drop_nulls().to_list() if cell]


def join_time_parts() -> pl.Expr:
    """Date and clock text as one text "time"."""
    return pl.concat_str(
        pl.col("date").str.strip_chars(), pl.lit(" "), pl.col("clock").str.strip_chars().str.pad_start(4, "0")
    ).alias("time")


def _holds_numbers(column: pl.Series, *, decimal_comma: bool, marks: tuple[str, ...]) -> bool:
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return True
    if column.dtype != pl.String:
        return False
    cells = column.str.strip_chars()
    cells = cells.filter(~cells.is_in(["", *marks])).drop_nulls()
    if decimal_comma:
        cells = cells.str.replace(",", ".", literal=True)
    return len(cells) > 0 and cells.cast(pl.Float64, strict=False).null_count() == 0
