"""Parquet and Arrow IPC files, and frames in memory, as typed chunks."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.ipc  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]

from tailproof.bars.read.column_levels import names_of_one
from tailproof.bars.read.csv_careful import typed_numbers
from tailproof.bars.read.plain_text import with_plain_digits
from tailproof.bars.read.raw_chunk import UNREADABLE_SCHEMA, RawChunk
from tailproof.bars.read.table_plan import LINE, SAMPLE_ROWS, TablePlan, plan_table
from tailproof.core.errors import DataError
from tailproof.core.printable import breaks_lines, printable
from tailproof.core.surface import setting
from tailproof.settings.read_options import ReadOptions

BATCH_ROWS = 1 << 17
ZONE_OF_OFFSET = {
    **{f"{-hours:+03d}:00": f"Etc/GMT{hours:+d}" for hours in range(-14, 13)},
    **{"+04:30": "Asia/Kabul", "+05:30": "Asia/Kolkata", "+05:45": "Asia/Kathmandu", "+06:30": "Asia/Yangon"},
    **{"+08:45": "Australia/Eucla", "+09:30": "Australia/Darwin", "-09:30": "Pacific/Marquesas"},
}
"""A zone whose clocks have had each offset, and no other, for decades."""
LINE_BREAKS = r"[\p{Cc}\p{Zl}\p{Zp}]"


def read_parquet_chunks(
    path: Path, *, options: ReadOptions, required: tuple[str, ...], file: str = ""
) -> Generator[tuple[TablePlan, RawChunk], None, None]:
    """Chunks of a Parquet file in row order; memory holds one row group's pages and one chunk.

    Raises:
        DataError: the file is not Parquet, or is cut off or damaged.
    """
    with (
        _named_errors(path, "Parquet"),
        pyarrow.parquet.ParquetFile(path, pre_buffer=False, page_checksum_verification=True) as parquet,
    ):
        batches = parquet.iter_batches(batch_size=BATCH_ROWS)
        yield from _chunks(batches, source=str(path), options=options, required=required, file=file)


def read_ipc_chunks(
    path: Path, *, options: ReadOptions, required: tuple[str, ...], file: str = ""
) -> Generator[tuple[TablePlan, RawChunk], None, None]:
    """Chunks of an Arrow IPC (Feather 2) file in row order; memory holds one of its batches.

    Raises:
        DataError: the file is not Arrow IPC, or is cut off or damaged.
    """
    with _named_errors(path, "Arrow IPC"), pa.OSFile(str(path)) as raw:
        reader = pa.ipc.open_file(raw)
        batches = (reader.get_batch(at) for at in range(reader.num_record_batches))
        yield from _chunks(batches, source=str(path), options=options, required=required, file=file)


def read_frame_chunks(
    frame: pl.DataFrame,
    *,
    source: str,
    options: ReadOptions,
    required: tuple[str, ...],
    file: str = "",
    notes: tuple[str, ...] = (),
) -> Generator[tuple[TablePlan, RawChunk], None, None]:
    """Chunks of a frame in memory.

    Raises:
        DataError: its columns are missing or ambiguous, or it has no rows.
    """
    tables = (frame[at : at + BATCH_ROWS] for at in range(0, frame.height, BATCH_ROWS))
    yield from _chunks(tables, source=source, options=options, required=required, file=file, notes=notes)


@contextmanager
def _named_errors(path: Path, kind: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise DataError(
            f"{path}: not a readable {kind} file, or cut off ({reason}). Write or copy it again."
        ) from error


def _chunks(
    batches: Iterator[Any],
    *,
    source: str,
    options: ReadOptions,
    required: tuple[str, ...],
    file: str,
    notes: tuple[str, ...] = (),
) -> Generator[tuple[TablePlan, RawChunk], None, None]:
    plan, row = None, 1
    for batch in batches:
        frame = batch if isinstance(batch, pl.DataFrame) else _polars(batch, source)
        frame = frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
        frame = with_plain_digits(_one_line_names(_one_level(frame, source=source, instrument=options.instrument)))
        if plan is None:
            sample = frame[:SAMPLE_ROWS]
            later = frame.gather_every(max(1, frame.height // SAMPLE_ROWS))
            plan = plan_table(sample, source=source, options=options, required=required, later=later, notes=notes)
        chunk = _typed(frame, plan, row, file=file, source=source)
        row += chunk.rows
        yield plan, chunk
    if row == 1:
        raise DataError(f"{source}: the table has no rows. Expected at least one bar.")


def _one_line_names(frame: pl.DataFrame) -> pl.DataFrame:
    """Names of columns, and texts such as those of instruments, with control characters written as escapes."""
    frame = frame.rename({name: printable(name, allowed="") for name in frame.columns if breaks_lines(name)})
    broken = [cells for cells in frame.select(pl.col(pl.String)) if cells.str.contains(LINE_BREAKS).any()]
    return frame.with_columns(
        cells.replace({text: printable(text, allowed="") for text in cells.drop_nulls().unique() if breaks_lines(text)})
        for cells in broken
    )


def _one_level(frame: pl.DataFrame, *, source: str, instrument: str | None) -> pl.DataFrame:
    """The columns of one instrument, where names are those that pandas gives to columns of several levels."""
    labels = {name: literal_eval(name) for name in frame.columns if re.fullmatch(r"\('[^'\\]*'(, '[^'\\]*')+\)", name)}
    if len({len(label) for label in labels.values()}) != 1:
        return frame
    chosen = names_of_one(list(zip(*labels.values(), strict=True)), instrument=instrument, source=source)
    others = [name for name, own in zip(labels, chosen.own, strict=True) if not own]
    own = {name: plain for name, plain, own in zip(labels, chosen.names, chosen.own, strict=True) if own}
    return frame.drop(others).rename(own)


def _with_known_zones(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with times of a fixed offset, such as -05:00, in the zone of that offset, or in UTC where none is."""
    for at, column in enumerate(batch.schema):
        zone = getattr(column.type, "tz", None) or ""
        if re.fullmatch(r"[+-]\d{2}:\d{2}", zone):
            cells = batch.column(at).cast(pa.timestamp(column.type.unit, ZONE_OF_OFFSET.get(zone, "UTC")))
            batch = batch.set_column(at, pa.field(column.name, cells.type), cells)
    return batch


def _polars(batch: pa.RecordBatch, source: str) -> pl.DataFrame:
    frame = pl.from_arrow(_with_known_zones(batch))
    if not isinstance(frame, pl.DataFrame):
        raise DataError(f"{source}: the table has no columns. Expected time, open, high, low, close.")
    return frame


def _refuse_other_types(named: pl.DataFrame, plan: TablePlan, source: str) -> None:
    faults = [
        f"'{name}' holds {named[name].dtype}"
        for name in plan.numbers
        if not (named[name].dtype.is_numeric() or named[name].dtype in (pl.Boolean, pl.String, pl.Null))
    ]
    if faults:
        raise DataError(
            f"{source}: prices and other values must be numbers, or text of numbers, but: {', '.join(faults)}. "
            f"Convert these columns, or name others with {setting('columns')}."
        )


def _typed(frame: pl.DataFrame, plan: TablePlan, first_row: int, *, file: str, source: str) -> RawChunk:
    named = frame.rename(plan.meanings).drop(plan.unused)
    lines = pl.int_range(first_row, first_row + named.height, dtype=pl.UInt32, eager=True).alias(LINE)
    _refuse_other_types(named, plan, file or source)
    numeric = [
        pl.col(name).cast(pl.Float64)
        for name in plan.numbers
        if named[name].dtype.is_numeric() or named[name].dtype == pl.Boolean
    ]
    text = [pl.col(name).cast(pl.String) for name in plan.text if not named[name].dtype.is_temporal()]
    typed = named.with_columns(lines, *numeric, *text)
    typed, bad, faults = typed_numbers(typed, plan, file=file)
    if not faults:  # the usual case: nothing is copied
        return RawChunk(frame=typed, rows=named.height)
    unreadable = named.filter(bad).select(
        typed[LINE].filter(bad),
        pl.lit("a cell that is not a number").alias("reason"),
        pl.concat_str(pl.all().cast(pl.String), separator=",", ignore_nulls=True).alias("text"),
    )
    return RawChunk(
        frame=typed.filter(~bad),
        rows=named.height,
        faults=tuple(faults),
        unreadable=unreadable.cast(UNREADABLE_SCHEMA),  # type: ignore[arg-type]
    )
