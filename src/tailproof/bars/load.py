"""Reads files into validated bars and reports everything that was assumed or counted on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import polars as pl

from tailproof.arrays.scratch import cache_folder
from tailproof.arrays.times import from_nanoseconds
from tailproof.bars.clean.quality_report import QualityReport
from tailproof.bars.loaded import FaultyBarsError, Loaded
from tailproof.bars.read.arrow_chunks import read_frame_chunks
from tailproof.bars.read.frames import as_polars
from tailproof.bars.read.panics import panics_refused
from tailproof.bars.read.sources import Source, find_source, in_time_order, read_source
from tailproof.bars.read.table_plan import LINE
from tailproof.bars.reading import read_bars
from tailproof.bars.store.bar_store import BarStore, DamagedStoreError, Stored, UnwritableStoreError
from tailproof.bars.store.fingerprint import place_key, source_key
from tailproof.core.records import PRICES, Bars
from tailproof.settings.read_options import ReadOptions, read_options

Store = Literal["auto", "always", "never"]
STORED_FROM_BYTES = 4_000_000
"""Below this a file is parsed as fast as a store is looked up, and the cache folder stays free of crumbs."""


def load_bars(
    path: Path | str | pl.DataFrame | Any, options: ReadOptions | None = None, *, store: Store = "auto", **changes: Any
) -> Bars:
    """Read, check and complete the bars of one instrument.

    A bar is known when it is complete: at its end, a daily bar at 16:00 New York of its date.

    Args:
        path: a CSV file (plain, .gz, .zst), Parquet, Arrow IPC, a folder or pattern of such files, or a polars or
            pandas frame.
        options: how the file is to be read; or the fields of ``ReadOptions`` by keyword.
        store: whether the parsed bars are kept in the cache folder.
        changes: fields of ``ReadOptions``, such as ``timezone="America/New_York"`` or ``columns={"close": "Last"}``;
            they win over ``options``.

    Raises:
        DataError: lists every fault found in the file.
        ConfigError: an option that cannot be meant.

    >>> from datetime import datetime
    >>> frame = pl.DataFrame(
    ...     {
    ...         "time": [datetime(2024, 1, 2, 9, m) for m in (30, 31, 32)],
    ...         "Open": [1.0, 2.0, 2.0],
    ...         "High": [2.0, 2.0, 3.0],
    ...         "Low": [1.0, 1.0, 2.0],
    ...         "Last": [2.0, 1.0, 3.0],
    ...     }
    ... )
    >>> load_bars(frame, timezone="America/New_York").frame["known_at"][0].hour
    14
    """
    return load(path, read_options(options, changes), store=store).bars


@panics_refused
def load(path: Path | str | pl.DataFrame | Any, options: ReadOptions, *, store: Store = "auto") -> Loaded:
    """Like ``load_bars``, with the report and the rows that were set aside.

    Raises:
        DataError: lists every fault found.
    """
    if not isinstance(path, Path | str):
        return load_frame(path, options)
    source = find_source(Path(path), instrument=options.instrument)
    source = in_time_order(source, options=options, required=("time", *PRICES))
    place = _store_for(source, options, store)
    notes: tuple[str, ...] = ()
    if place is not None:
        try:
            stored = place.read()
        except DamagedStoreError as error:
            notes = (f"Warning: the stored bars in {place.folder} were damaged ({error}) and are made again.",)
        else:
            if stored is not None:
                return _from_store(stored, place.folder)
    try:
        return _read(source, options, place, notes)
    except UnwritableStoreError as error:
        note = (
            f"Warning: the bars could not be stored in {cache_folder()} ({error}), so they are parsed anew each time. "
            "Make room there, or name another folder in TAILPROOF_CACHE."
        )
        return _read(source, options, None, (*notes, note))


def _read(source: Source, options: ReadOptions, place: BarStore | None, notes: tuple[str, ...]) -> Loaded:
    chunks = read_source(source, options=options, required=("time", *PRICES))
    return read_bars(chunks, options=options, name=source.name, files=source.labels, store=place, notes=notes)


@panics_refused
def load_frame(frame: pl.DataFrame | Any, options: ReadOptions, *, name: str = "frame") -> Loaded:
    """Bars from a polars or pandas frame whose columns are named as a file's would be.

    Raises:
        DataError: lists every fault found.
    """
    table = as_polars(frame, name=name, instrument=options.instrument)
    chunks = read_frame_chunks(table, source=name, options=options, required=("time", *PRICES))
    numbered = ((plan, chunk, 0) for plan, chunk in chunks)
    return read_bars(numbered, options=options, name=name, files=("",), store=None)


def bars_from_frame(frame: pl.DataFrame, *, source: str, session_gap: timedelta | None = None) -> Bars:
    """Bars from a frame with the columns of ``read_table``.

    Raises:
        DataError: lists every fault found in the frame.
    """
    plain = frame.drop(LINE, "line", strict=False)
    return load_frame(plain, ReadOptions(session_gap=session_gap), name=source).bars


def quality_report(
    path: Path | str | pl.DataFrame | Any, options: ReadOptions | None = None, *, store: Store = "never", **changes: Any
) -> QualityReport:
    """Report the faults, assumptions and counts of bars, whether or not they are usable; arguments as ``load_bars``.

    Raises:
        DataError: the files cannot be read as a table of bars at all.
        ConfigError: an option that cannot be meant.
    """
    try:
        return load(path, read_options(options, changes), store=store).report
    except FaultyBarsError as error:
        return error.report


def _store_for(source: Source, options: ReadOptions, store: Store) -> BarStore | None:
    size = sum(file.stat().st_size for file in source.files)
    if store == "never" or (store == "auto" and size < STORED_FROM_BYTES):
        return None
    return BarStore(folder=cache_folder() / "bars", place=place_key(source), key=source_key(source, options))


def _from_store(stored: Stored, folder: Path) -> Loaded:
    """The content of a store, in the form of a fresh reading."""
    length = from_nanoseconds(stored.bar_length_ns)
    loaded = Loaded.of(stored.frame, length=length, report=stored.report, set_aside=stored.set_aside)
    note = f"The bars come from the store in {folder}."
    return replace(loaded, bars=replace(loaded.bars, notes=(*loaded.bars.notes, note)))
