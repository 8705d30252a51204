"""The meaning of each column of a file, decided once from its names and first rows, and kept for all later rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import polars as pl

from tailproof.bars.read.aliases import KNOWN_AT, TEXT_COLUMNS
from tailproof.bars.read.columns import recognise
from tailproof.bars.read.derived_prices import RANGE
from tailproof.bars.read.label_columns import label_columns
from tailproof.bars.read.number_format import NumberFormat, number_format
from tailproof.bars.read.recognised import IGNORED
from tailproof.bars.read.short_years import refuse_open_years
from tailproof.bars.read.time_format import (
    TimeFormat,
    clock_of,
    given_format,
    recognise_time,
    serial_of,
    steps_of,
)
from tailproof.bars.read.time_parts import TIME_COLUMNS, holds_time, join_time_parts
from tailproof.core.errors import DataError
from tailproof.core.instrument_columns import INSTRUMENT_COLUMNS
from tailproof.core.records import PRICES
from tailproof.settings.read_options import ReadOptions

LINE = "__line"
"""Line of the file, or row of the table from 1."""
SOURCE = "__source"
"""Number of the file a row came from."""
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
    """The time format of a column ``known_at``, likewise."""
    numbers_as: NumberFormat = field(default_factory=NumberFormat)
    """How numbers are written."""
    needed: tuple[str, ...] = (*PRICES, "volume")
    """Meanings whose cells must be numbers; in other columns a cell that is none is missing."""
    copies: Mapping[str, str] = field(default_factory=dict)
    """Prices that the file does not hold, each to the price that stands for it."""
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Columns of text by which the first rows are parted into several series, with their first cells."""
    notes: tuple[str, ...] = ()
    """The assumptions behind all this."""

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """Meanings that are read as float64."""
        other = {*TIME_COLUMNS, *self.text, *self.unused}
        return tuple(meaning for meaning in self.meanings.values() if meaning not in other)

    @property
    def instruments(self) -> tuple[str, ...]:
        """Meanings of columns that name the subject of a row."""
        return tuple(meaning for meaning in self.text if meaning in INSTRUMENT_COLUMNS)

    @property
    def of_known_at(self) -> TablePlan:
        """The plan of a table whose time is the column KNOWN_AT."""
        return replace(self, meanings={KNOWN_AT: "time"}, text=(), unused=(), time_format=self.known_at_format)

    @cached_property
    def kept(self) -> tuple[str, ...]:
        """Meanings of the finished frame beside the time, prices first."""
        derived = (*self.copies, *(("low", "high") if RANGE in self.text else ()))
        first = [name for name in (*PRICES, "volume") if name in (*self.numbers, *derived)]
        return (*first, *(name for name in (*self.numbers, *self.text) if name not in (*first, RANGE)))


def plan_table(
    sample: pl.DataFrame,
    *,
    source: str,
    options: ReadOptions,
    required: tuple[str, ...],
    marks: tuple[str, ...] = (),
    later: pl.DataFrame | None = None,
    notes: tuple[str, ...] = (),
    date: date | None = None,
    step: int | None = None,
) -> TablePlan:
    """The plan that the names and the first rows (all cells text) lead to.

    Args:
        sample: the first rows.
        source: for messages.
        options: the user's choices for names, numbers and times.
        required: meanings that must be there.
        marks: cells that mean "no value".
        later: rows from further on: a date may show only there whether days or months come first.
        notes: earlier assumptions.
        date: in the name of the file, for times that are milliseconds of it.
        step: seconds of a bar, as the lines above the header say, for times that are steps.

    Raises:
        DataError: columns are missing or ambiguous.
    """
    if not sample.columns:
        raise DataError(f"{source}: there is no header. Expected a line of column names.")
    seen = sample if later is None else pl.concat([sample, later])
    recognised = recognise(
        sample.columns,
        source=source,
        required=required,
        chosen=options.columns,
        ignored=options.ignore,
        instrument=options.instrument,
        sample=seen,
    )
    meanings = recognised.meanings
    named = seen.rename(meanings)
    text = tuple(meaning for meaning in meanings.values() if meaning in (*TEXT_COLUMNS, KNOWN_AT, RANGE))
    needed = tuple({*PRICES, "volume", "vix_close", *required, *options.columns} & set(meanings.values()) - set(text))
    priced = [named[name] for name in needed if name not in TIME_COLUMNS and named[name].dtype == pl.String]
    numbers_as = number_format(priced, decimal_comma=options.decimal_comma, marks=marks)
    plain = numbers_as.plain_columns(named, [name for name in named.columns if name not in (*TIME_COLUMNS, *text)])
    unused = _unused(named, {*TIME_COLUMNS, *needed, *text, *plain}, numbers_as)
    time_format = _time_format(named, source=source, options=options, date=date, step=step)
    ordered = (sample if later is None or not later.height else later).rename(meanings)
    known_at = named[KNOWN_AT].cast(pl.String).drop_nulls().to_list() if KNOWN_AT in text else []
    return TablePlan(
        meanings=meanings,
        text=text,
        unused=unused,
        time_format=time_format,
        known_at_format=recognise_time(known_at, day_first=options.day_first) if known_at else None,
        numbers_as=numbers_as,
        needed=needed,
        copies=recognised.copies,
        labels=label_columns(
            ordered, time_cells(ordered), time_format, texts=unused, used=(*TIME_COLUMNS, *needed, *text)
        ),
        notes=(*notes, *recognised.notes, *_number_notes(numbers_as, priced, options)),
    )


def _unused(named: pl.DataFrame, used: set[str], numbers_as: NumberFormat) -> tuple[str, ...]:
    """The columns that are made here, that the user ignores, or that nobody needs and that hold no numbers."""
    out = {name for name in named.columns if name in MADE_HERE or name.startswith(IGNORED)}
    return tuple(
        name
        for name in named.columns
        if name in out or (name not in used and not _holds_numbers(named[name], numbers_as))
    )


def _time_format(
    named: pl.DataFrame, *, source: str, options: ReadOptions, date: date | None, step: int | None
) -> TimeFormat | None:
    cells = time_cells(named)
    if options.time_format is not None:
        return given_format(options.time_format, cells)
    form = (
        recognise_time(cells, day_first=options.day_first)
        or (clock_of(cells, date) if date is not None else None)
        or (steps_of(cells, step) if step is not None else None)
        or serial_of(cells)
    )
    if form is not None:
        refuse_open_years(form.pattern, cells, day_first=options.day_first, source=source)
    return form


def _number_notes(numbers_as: NumberFormat, priced: Sequence[pl.Series], options: ReadOptions) -> list[str]:
    """The assumptions made about numbers that are not plain."""
    notes = []
    if numbers_as.decimal_comma and not options.decimal_comma:
        notes.append("Commas mark decimals, as the numbers show.")
    for column in priced:
        plain = column.str.strip_chars().cast(pl.Float64, strict=False)
        values, _ = numbers_as.read(column)
        odd = column.filter(plain.is_null() & values.is_not_null())
        if len(odd) and not (numbers_as.decimal_comma and odd.str.contains(r"^[\d,\s]+$").all()):
            value = values.filter(plain.is_null() & values.is_not_null())[0]
            notes.append(f"Numbers such as {odd[0]!r} in '{column.name}' are read as {value:g}.")
    return notes


def time_cells(named: pl.DataFrame) -> Sequence[str]:
    """The cells of the time, those of a date and a clock column joined by a space."""
    if "time" in named.columns:
        cells = named["time"]
    elif holds_time(named.columns):
        cells = named.select(join_time_parts(named.columns))["time"]
    else:
        return []
    return [cell for cell in cells.cast(pl.String).str.strip_chars().drop_nulls().to_list() if cell]


def _holds_numbers(column: pl.Series, numbers_as: NumberFormat) -> bool:
    """Whether there is a number, and no cell of text."""
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return True
    if column.dtype != pl.String:
        return False
    values, bad = numbers_as.read(column, grouped=True)
    return values.null_count() < len(values) and not bad.any()
