"""From files to validated bars, with everything that was assumed or counted on the way told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

from tailproof.arrays.scratch import cache_folder
from tailproof.bars.clean.report import QualityReport
from tailproof.bars.read.arrow_chunks import read_frame_chunks
from tailproof.bars.read.columns import PRICES
from tailproof.bars.read.frames import as_polars
from tailproof.bars.read.sources import Source, find_source, read_source
from tailproof.bars.read.table_plan import LINE
from tailproof.bars.reading import FaultyBarsError, Loaded, Reading, loaded_from_store
from tailproof.bars.settings import Adjustment, Ambiguous, BarLabel, ReadSettings, Store
from tailproof.bars.store.bar_store import BarStore, DamagedStoreError
from tailproof.bars.store.fingerprint import place_key, source_key
from tailproof.core.records import Bars

STORED_FROM_BYTES = 4_000_000
"""Below this a file is parsed as fast as a store is looked up, and the cache folder stays free of crumbs."""


def load_bars(
    path: Path | pl.DataFrame | Any,
    *,
    timezone: str = "UTC",
    session_gap: timedelta | None = None,
    columns: Mapping[str, str] | None = None,
    header: tuple[str, ...] = (),
    delimiter: str | None = None,
    decimal_comma: bool = False,
    day_first: bool = False,
    bar_label: BarLabel = "start",
    price_scale: float = 1.0,
    ambiguous: Ambiguous = "error",
    calendar: str | None = None,
    repairs: tuple[str, ...] = (),
    adjustment: Adjustment = "undeclared",
    store: Store = "auto",
) -> Bars:
    """Read, check and complete the bars of one instrument.

    A bar is known when it is complete: at its end, a daily bar at 16:00 New York of its date.

    Args:
        path: a CSV file (plain, .gz, .zst), Parquet, Arrow IPC, a folder or pattern of such files, or a polars or
            pandas frame.
        timezone: IANA zone of times without an offset.
        session_gap: a gap longer than this is a break; None takes the rule of ``SessionMarker``.
        columns: meaning to file column, where the names are not recognised: ``{"close": "Last"}``.
        header: names of the columns of CSV files that have no line of names.
        delimiter: of CSV files; None takes the one in the header line.
        decimal_comma: whether 1,5 means 1.5.
        day_first: whether 1/3/2024 is the first of March, also where no date shows it.
        bar_label: whether a row's time is the start or the end of its bar.
        price_scale: prices in the file are divided by this.
        ambiguous: which instant a clock time repeated by daylight saving is.
        calendar: a calendar of pandas-market-calendars that gives the sessions.
        repairs: names from ``REPAIRS``; none is applied unasked.
        adjustment: how a continuous series was adjusted; only told, nothing is changed.
        store: whether the parsed bars are kept in the cache folder.

    Raises:
        DataError: lists every fault found in the file.
        ConfigError: a setting that cannot be meant.

    >>> from datetime import datetime
    >>> frame = pl.DataFrame({"time": [datetime(2024, 1, 2, 9, m) for m in (30, 31, 32)], "Open": [1.0, 2.0, 2.0],
    ...                       "High": [2.0, 2.0, 3.0], "Low": [1.0, 1.0, 2.0], "Last": [2.0, 1.0, 3.0]})
    >>> load_bars(frame, timezone="America/New_York").frame["known_at"][0].hour
    14
    """
    settings = ReadSettings(
        timezone=timezone,
        session_gap=session_gap,
        columns=columns or {},
        header=header,
        delimiter=delimiter,
        decimal_comma=decimal_comma,
        day_first=day_first,
        bar_label=bar_label,
        price_scale=price_scale,
        ambiguous=ambiguous,
        calendar=calendar,
        repairs=repairs,
        adjustment=adjustment,
        store=store,
    )
    return load(path, settings).bars


def load(path: Path | pl.DataFrame | Any, settings: ReadSettings) -> Loaded:
    """As ``load_bars``, with the report and the rows set aside.

    Raises:
        DataError: lists every fault found.
    """
    if not isinstance(path, Path | str):
        return load_frame(path, settings)
    source = find_source(Path(path))
    store = _store_for(source, settings)
    notes: tuple[str, ...] = ()
    if store is not None:
        try:
            stored = store.read()
        except DamagedStoreError as error:
            notes = (f"Warning: the stored bars in {store.folder} were damaged ({error}) and are made again.",)
        else:
            if stored is not None:
                return loaded_from_store(stored, store.folder)
    chunks = read_source(source, settings=settings, required=("time", *PRICES))
    reading = Reading(settings=settings, name=source.name, files=source.labels, notes=notes)
    return reading.run(chunks, store=store)


def load_frame(frame: pl.DataFrame | Any, settings: ReadSettings, *, name: str = "frame") -> Loaded:
    """Bars from a polars or pandas frame whose columns are named as a file's would be.

    Raises:
        DataError: lists every fault found.
    """
    table = as_polars(frame, name=name)
    chunks = read_frame_chunks(table, source=name, settings=settings, required=("time", *PRICES))
    numbered = ((plan, chunk, 0) for plan, chunk in chunks)
    return Reading(settings=settings, name=name, files=("",)).run(numbered, store=None)


def bars_from_frame(frame: pl.DataFrame, *, source: str, session_gap: timedelta | None = None) -> Bars:
    """Bars from a frame with the columns of ``read_table``.

    Raises:
        DataError: lists every fault found in the frame.
    """
    plain = frame.drop(LINE, "line", strict=False)
    return load_frame(plain, ReadSettings(session_gap=session_gap), name=source).bars


def quality_report(path: Path | pl.DataFrame | Any, settings: ReadSettings | None = None) -> QualityReport:
    """What is wrong with, assumed of and counted in bars, whether they can be used or not.

    Raises:
        DataError: the files cannot be read as a table of bars at all.
    """
    try:
        return load(path, settings or ReadSettings(store="never")).report
    except FaultyBarsError as error:
        return error.report


def _store_for(source: Source, settings: ReadSettings) -> BarStore | None:
    size = sum(file.stat().st_size for file in source.files)
    if settings.store == "never" or (settings.store == "auto" and size < STORED_FROM_BYTES):
        return None
    return BarStore(folder=cache_folder() / "bars", place=place_key(source), key=source_key(source, settings))
