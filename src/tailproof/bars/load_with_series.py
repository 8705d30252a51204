"""Bars with other series beside them, as training and forecasting both read them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

from tailproof.bars.clean.table import column_meanings
from tailproof.bars.load import load
from tailproof.bars.loaded import Loaded
from tailproof.bars.merge.join import Merged
from tailproof.bars.merge.known_series import KnownSeries, bars_series
from tailproof.bars.merge.merge_audit import early_columns
from tailproof.bars.merge.publication import row_length
from tailproof.bars.merge.read_series import named_for, read_published, read_vix
from tailproof.bars.merge.series_sources import VIX, SeriesSource
from tailproof.bars.read.sources import find_source
from tailproof.bars.sessions.known_at import DAILY_VIX_USABLE, DAY, are_dates, at_new_york, later, latest
from tailproof.core.errors import ConfigError, DataError
from tailproof.core.records import PRICES, Bars
from tailproof.core.surface import setting
from tailproof.settings.durations import describe_duration
from tailproof.settings.read_options import ReadOptions
from tailproof.storage.ledger import fingerprint


def load_with_series(
    data: Path | pl.DataFrame | Any, options: ReadOptions, sources: Sequence[SeriesSource]
) -> tuple[Bars, Loaded]:
    """Bars with every series and its age joined in, and what reading the bars reported.

    Columns of the bars that hold values of a series before these were published are named in the notes.

    Args:
        data: bars, as for ``load``.
        options: how they are read.
        sources: the other series.

    Raises:
        DataError: lists every fault found.
    """
    loaded = load(data, options)
    bars, merged = join_series(loaded.bars, sources)
    early = [audit for one in merged for audit in early_columns(loaded.bars, one.series) if audit.early]
    notes = (*bars.notes, *(f"Warning: {audit.sentence()}" for audit in early))
    return replace(bars, notes=notes), replace(loaded, merged=merged)


def join_series(bars: Bars, sources: Sequence[SeriesSource]) -> tuple[Bars, tuple[Merged, ...]]:
    """Bars with every series and its age joined in, and the merges, which can be repeated.

    Raises:
        ConfigError: a column of a series would be called like one of the bars or of another series.
        DataError: lists every fault found in a series.
    """
    before, merges = bars, []
    for source in sources:
        merged = Merged(before=before, series=read_joined(source), stale_after=source.stale_after)
        _refuse_clash(bars, merged)
        own = [name for name in merged.columns if name in before.frame.columns]
        bars = merged.again(bars, merged.frame)
        if own:
            note = f"The bars' own {', '.join(own)} gave way to what was joined as '{source.name}'."
            bars = replace(bars, notes=(*bars.notes, note))
        merges.append(merged)
    return bars, tuple(merges)


def _refuse_clash(bars: Bars, merged: Merged) -> None:
    """Raise where a series would replace a column of the bars' own, or that of a series joined before it."""
    label = merged.series.label
    taken = dict.fromkeys((*PRICES, "volume", "time", "known_at", "session", "segment"), "the bars")
    taken |= {name: f"the series '{one.name}'" for one in bars.series.values() for name in one.columns}
    for name in merged.columns:
        if name in taken:
            raise ConfigError(
                f"the series '{label}' has a column that would be called '{name}', as one of {taken[name]} is. Give "
                f"the series another name, such as {setting('with', f'{label}_2=FILE')}."
            )


def read_joined(source: SeriesSource) -> KnownSeries:
    """A series by its kind: the VIX, bars of another instrument, or values that were published.

    Raises:
        DataError: it cannot be read, or nothing says when its values were published.
    """
    if source.name == VIX:
        series = _read_vix(source)
    elif _holds_bars(source):
        series = _read_bars(source)
    else:
        series = read_published(source.data, label=source.name, options=source.options, lag=source.lag)
    return replace(series, fingerprint=_fingerprint(source, series))


def _read_vix(source: SeriesSource) -> KnownSeries:
    """The closes of the VIX, as bars of which nothing but the close is known."""
    closes = read_vix(source.data, options=source.options, lag=source.lag, settings=source.settings)
    assert closes.published is not None, "read_vix keeps them"
    whole = pl.lit(0, pl.Int32)
    frame = closes.published.rename({"vix_close": "close"}).with_columns(session=whole, segment=whole)
    rows = Bars(frame=frame, bar_length=row_length(frame["time"]), source=VIX)
    return replace(bars_series(rows, label=VIX), notes=closes.notes)


def _holds_bars(source: SeriesSource) -> bool:
    """Whether a file has the prices of bars: of a file that has not, its values are read one by one."""
    try:
        meanings = column_meanings(source.data, options=source.options, required=("time", *PRICES))
    except DataError:
        return False
    return set(PRICES) <= set(meanings.values())


def _read_bars(source: SeriesSource) -> KnownSeries:
    """Bars of another instrument, each known when it is complete, a day's at 18:00 New York of its date."""
    with named_for(source.settings):
        loaded = load(source.data, source.options)
    bars, words = known_bars(loaded.bars, source.lag)
    length = describe_duration(bars.bar_length)
    note = f"{source.name}: {len(bars):,} bars of {length} ({bars.source}); {words}."
    warnings = tuple(f"{source.name}: {each}" for each in loaded.bars.notes if each.startswith("Warning"))
    return replace(bars_series(bars, label=source.name), notes=(note, *warnings))


def known_bars(bars: Bars, lag: timedelta | None) -> tuple[Bars, str]:
    """Bars of another instrument with the times from which they are used, and the rule in words."""
    frame = bars.frame
    known_at, words = frame["known_at"], "each is used from its end on"
    if lag is not None:
        known_at, words = later(known_at, lag), f"each is used {describe_duration(lag)} after its end"
    elif are_dates(frame["time"], bar_length=bars.bar_length):
        evening = at_new_york(frame["time"] + (bars.bar_length - DAY), DAILY_VIX_USABLE)
        known_at = latest(evening, known_at)
        words = f"each is used from {DAILY_VIX_USABLE:%H:%M} New York of its day on"
    return replace(bars, frame=frame.with_columns(known_at.alias("known_at"))), words


def _fingerprint(source: SeriesSource, series: KnownSeries) -> Mapping[str, str]:
    """Where a series came from, and hashes of its files and of its rows."""
    frame = series.published if series.published is not None else series.frame
    numbers = [frame[name].to_physical().to_numpy() for name in frame.columns if frame[name].dtype.is_numeric()]
    rows = fingerprint(frame["known_at"].to_physical().to_numpy(), *numbers)
    if not isinstance(source.data, Path | str):
        return {"source": "frame", "rows": rows}
    origin = find_source(Path(source.data), instrument=source.options.instrument)
    hashes = {f"sha256 of {file.name}": _file_hash(file) for file in origin.files}
    return {"source": str(source.data), "rows": rows, **hashes}


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
