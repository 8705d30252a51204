"""A whole file or frame as one typed frame: for series that fit in memory, such as the VIX."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from tailproof.bars.clean.intake import Intake
from tailproof.bars.faults import raise_faults
from tailproof.bars.read.arrow_chunks import read_frame_chunks
from tailproof.bars.read.frames import as_polars
from tailproof.bars.read.panics import panics_refused
from tailproof.bars.read.raw_chunk import RawChunk
from tailproof.bars.read.sources import find_source, in_time_order, read_source
from tailproof.bars.read.table_plan import SOURCE, TablePlan
from tailproof.core.records import PRICES
from tailproof.settings.read_options import ReadOptions


@panics_refused
def read_table(
    path: Path,
    *,
    required: tuple[str, ...] = ("time", *PRICES),
    options: ReadOptions | None = None,
    missing_marks: tuple[str, ...] = (),
    strict_rows: bool = True,
) -> pl.DataFrame:
    """Columns under their known names: ``time`` as UTC datetimes, ``contract`` and the like as text, others float64.

    Column ``line`` is the row's line in the file (Parquet, Arrow: its row number from 1), for messages about bad rows.

    Args:
        path: a file, folder or pattern.
        required: meanings that must be there.
        options: how cells are to be understood.
        missing_marks: cells that mean "no value", such as FRED's "."; they become null.
        strict_rows: whether prices and times must pass every check; if not, only unreadable cells are refused.

    Raises:
        DataError: the file cannot be read, has no rows, or has cells that are not what their column holds.
    """
    options = options or ReadOptions()
    source = find_source(path, instrument=options.instrument)
    source = in_time_order(source, options=options, required=required)
    intake = Intake(options=options, files=source.labels, now_ns=time.time_ns(), strict=strict_rows)
    chunks = read_source(source, options=options, required=required, missing_marks=missing_marks)
    return _whole(intake, chunks, source=source.name)


@panics_refused
def read_frame(
    raw: pl.DataFrame | Any,
    *,
    source: str,
    required: tuple[str, ...] = ("time", *PRICES),
    options: ReadOptions | None = None,
    strict_rows: bool = True,
) -> pl.DataFrame:
    """A polars or pandas frame that is already in memory, under the same rules as a file; see ``read_table``.

    Raises:
        DataError: as ``read_table``.
    """
    options = options or ReadOptions()
    intake = Intake(options=options, files=("",), now_ns=time.time_ns(), strict=strict_rows)
    table = as_polars(raw, name=source)
    chunks = read_frame_chunks(table, source=source, options=options, required=required)
    return _whole(intake, ((plan, chunk, 0) for plan, chunk in chunks), source=source)


@panics_refused
def column_meanings(
    data: Path | pl.DataFrame | Any, *, options: ReadOptions, required: tuple[str, ...]
) -> dict[str, str]:
    """The meaning of each column of a file or frame, from its first rows.

    Raises:
        DataError: it cannot be read, or a required column is absent.
    """
    if not isinstance(data, Path | str):
        frame = as_polars(data, name="frame", instrument=options.instrument)
        plan, _ = next(read_frame_chunks(frame, source="frame", options=options, required=required))
        return plan.meanings
    source = find_source(Path(data), instrument=options.instrument)
    plan, _, _ = next(iter(read_source(replace(source, files=source.files[:1]), options=options, required=required)))
    return plan.meanings


def _whole(intake: Intake, chunks: Iterable[tuple[TablePlan, RawChunk, int]], *, source: str) -> pl.DataFrame:
    frames = list(intake.judge(chunks))
    raise_faults(intake.book.of("error"), source=source)
    return pl.concat(frames).drop(SOURCE)
