"""Another series with the time from which each of its values may be used: daily or by the minute, with a lag."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from tailproof.bars.clean.table import read_frame, read_table
from tailproof.bars.faults import Fault, raise_faults
from tailproof.bars.merge.local_times import local_time_warning
from tailproof.bars.read.aliases import KNOWN_AT, PRICES
from tailproof.bars.read.frames import as_polars
from tailproof.bars.read.table_plan import LINE
from tailproof.bars.sessions.bar_length import bar_length_of
from tailproof.bars.sessions.known_at import (
    DAILY_VIX_USABLE,
    DAY,
    DAY_CLOSE,
    are_dates,
    at_new_york,
    known_at_bar_end,
    later,
    latest,
)
from tailproof.core.errors import DataError
from tailproof.core.surface import of_file, setting
from tailproof.settings.durations import describe_duration
from tailproof.settings.read_options import ReadOptions

MISSING_MARKS = ("", ".")
"""FRED marks a holiday with a point."""
SHOWN_LINES = 5
WHEN = cs.by_name("time", KNOWN_AT, LINE, require_all=False)


@dataclass(frozen=True, kw_only=True)
class KnownSeries:
    """Values one after another, each with the time from which it may be used.

    ``frame`` has ``known_at`` (UTC, rising) and the value columns; ``name`` is the first of them.
    """

    name: str
    frame: pl.DataFrame
    notes: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The value columns."""
        return tuple(name for name in self.frame.columns if name != "known_at")


@contextmanager
def named_for(settings: str) -> Iterator[None]:
    """Around the reading of a merged file: messages name its own settings, which have a prefix."""
    try:
        yield
    except DataError as error:
        raise DataError(of_file(error.args[0], settings)) from error.__cause__


def read_vix(
    path: Path,
    *,
    timezone: str = "UTC",
    lag: timedelta | None = None,
    columns: Mapping[str, str] | None = None,
    options: ReadOptions | None = None,
    settings: str = "",
) -> KnownSeries:
    """A VIX file, daily or intraday, as a series of closes.

    Cells that are empty or "." (FRED's mark of a holiday) give no value: the last known close stays in force.

    Args:
        path: a file, folder or pattern, as for bars.
        timezone: IANA zone of times without an offset.
        lag: how long after the end of its bar a close is published; for days counted from 16:00 New York of the date.
            None takes the safe default: a day's close from 18:00 New York (it is published after 16:15, and is used
            from the next futures session on), a minute's from the end of its minute.
        columns: meaning to file column, where names are not recognised.
        options: how the file is read; takes the place of ``timezone`` and ``columns``.
        settings: prefix of the settings that say how the file is read, for messages.

    Raises:
        DataError: the file is unreadable, or a close or a time cannot be used.
    """
    options = options or ReadOptions(timezone=timezone, columns=columns or {})
    with named_for(settings):
        raw = read_table(path, required=("time",), options=options, missing_marks=MISSING_MARKS, strict_rows=False)
    names = [name for name in ("vix_close", "close") if name in raw.columns]
    if not names:
        found = ", ".join(name for name in raw.columns if name != LINE)
        raise DataError(
            f"{path}: no column for the VIX: looked for close, last, vix, vix_close (any case), found {found}. Name it "
            f"with {setting(f'{settings}columns', 'close=NAME')}."
        )
    series = vix_series(raw.select(WHEN, pl.col(names[0]).alias("vix_close")), source=str(path), lag=lag)
    clock = _clock_note(raw, options.timezone, label="VIX", zone=f"{settings}timezone")
    return KnownSeries(name=series.name, frame=series.frame, notes=(*series.notes, *_range_note(raw), *clock))


def vix_series(raw: pl.DataFrame, *, source: str, lag: timedelta | None = None) -> KnownSeries:
    """Columns ``time`` (UTC), LINE and ``vix_close`` as a series with known-at times.

    Raises:
        DataError: times out of order or repeated, or a VIX that is not above zero.
    """
    return known_series(raw, columns=("vix_close",), source=source, label="VIX", lag=lag, evening=True)


def read_series(
    path: Path | pl.DataFrame | Any,
    *,
    timezone: str = "UTC",
    lag: timedelta | None = None,
    prefix: str | None = None,
    columns: Mapping[str, str] | None = None,
    options: ReadOptions | None = None,
    settings: str = "",
) -> KnownSeries:
    """Any other series: its close, or all its number columns, under ``prefix_NAME``.

    Values are known at the end of their bar, a day's at 18:00 New York of its date unless ``lag`` (counted from the end
    of the bar, a day's from 16:00 New York) says otherwise. They may be zero or negative. ``settings`` is the prefix of
    the settings that say how the file is read, for messages.

    Raises:
        DataError: the file is unreadable, its times do not rise, or a value is infinite.
    """
    options = options or ReadOptions(timezone=timezone, columns=columns or {})
    if isinstance(path, Path | str):
        source = str(path)
        with named_for(settings):
            raw = read_table(
                Path(path), required=("time",), options=options, missing_marks=MISSING_MARKS, strict_rows=False
            )
    else:
        source = "frame"
        raw = read_frame(as_polars(path, name=source), source=source, required=("time",), options=options)
    numbers = [name for name in raw.columns if name not in ("time", LINE) and raw[name].dtype.is_numeric()]
    taken = ["close"] if set(PRICES) <= set(numbers) else numbers
    if not taken:
        raise DataError(f"{source}: no column of numbers beside the time. Columns found: {', '.join(raw.columns)}.")
    stem = prefix or (Path(source).name.split(".")[0] if source != "frame" else "other")
    renamed = raw.select(WHEN, *(pl.col(name).alias(f"{stem}_{name}") for name in taken))
    names = tuple(f"{stem}_{name}" for name in taken)
    series = known_series(renamed, columns=names, source=source, label=stem, lag=lag, evening=True, positive=False)
    clock = _clock_note(raw, options.timezone, label=stem, zone=f"{settings}timezone")
    return KnownSeries(name=series.name, frame=series.frame, notes=(*series.notes, *clock))


def known_series(
    raw: pl.DataFrame,
    *,
    columns: tuple[str, ...],
    source: str,
    label: str,
    lag: timedelta | None,
    evening: bool,
    positive: bool = True,
) -> KnownSeries:
    """Value columns with the times from which they are known; rows without any value are left out and counted.

    Args:
        raw: ``time`` (bar start, UTC), LINE, the columns, and ``known_at`` where the file tells it.
        columns: of values.
        source: for messages.
        label: for notes.
        lag: after the end of the bar (a day: 16:00 New York); None is 0, for days with ``evening`` 18:00 New York.
        evening: whether a day's value is published only after the close of its market.
        positive: whether values must be above zero.

    Raises:
        DataError: times do not rise, or values cannot be.
    """
    _refuse_bad_rows(raw, columns, source=source, positive=positive)
    frame = raw.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in columns))
    if frame.height < 2:
        raise DataError(f"{source}: fewer than two {label} values. Expected one a day or one a bar.")
    length = bar_length_of(frame["time"])
    known_at, rule = _known_at(frame["time"], length, lag=lag, evening=evening)
    if KNOWN_AT in frame.columns:
        known_at = latest(known_at, frame[KNOWN_AT])
        rule += ", and never before the file's own known_at"
    first, last = frame["time"][0], frame["time"][-1]
    note = f"{label}: {frame.height:,} closes from {first:%Y-%m-%d} to {last:%Y-%m-%d}; {rule}."
    if raw.height > frame.height:
        note += f" {raw.height - frame.height} rows without a value: the close before them stays in force."
    return KnownSeries(name=columns[0], frame=frame.select(known_at.alias("known_at"), *columns), notes=(note,))


def _clock_note(raw: pl.DataFrame, timezone: str, *, label: str, zone: str) -> tuple[str, ...]:
    """A warning where times were taken for UTC and look local."""
    if timezone != "UTC":
        return ()
    time = raw["time"].drop_nulls()
    return local_time_warning(time, bar_length=bar_length_of(time), label=label, zone=zone)


def _known_at(start: pl.Series, length: timedelta, *, lag: timedelta | None, evening: bool) -> tuple[pl.Series, str]:
    dates = are_dates(start, bar_length=length)
    end = known_at_bar_end(start, bar_length=length, dates=dates)
    if dates:
        if lag is None and evening:
            clock = f"{DAILY_VIX_USABLE:%H:%M}"
            return at_new_york(start + (length - DAY), DAILY_VIX_USABLE), (
                f"a day's close is used from {clock} New York of that day on, never earlier"
            )
        lag = lag or timedelta(0)
        rule = f"a day's close is used from {describe_duration(lag)} after {DAY_CLOSE:%H:%M} New York of that day on"
        return later(end, lag), rule
    if not lag:
        return end, "a bar's close is used from the end of that bar on"
    rule = f"a bar's close is used from {describe_duration(lag)} after the end of that bar on"
    return later(end, lag), rule


def _refuse_bad_rows(raw: pl.DataFrame, columns: tuple[str, ...], *, source: str, positive: bool) -> None:
    checks = [
        ("time not after the row above", "rising times, each once", "time", pl.col("time").diff() <= pl.duration())
    ]
    for name in columns:
        value = pl.col(name)
        if positive:
            bad, expected = ~(value > 0) | value.is_infinite() | value.is_nan(), "a number above 0"
        else:
            bad, expected = value.is_infinite() | value.is_nan(), "a finite number"
        checks.append((f"'{name}' out of range", expected, name, bad))
    faults = []
    for kind, expected, column, bad in checks:
        rows = raw.filter(bad.fill_null(value=False))
        if rows.height:
            lines = rows[LINE][:SHOWN_LINES].to_list()
            faults.append(Fault(kind, lines, found=str(rows[column][0]), expected=expected, total=rows.height))
    raise_faults(faults, source=source)


def _range_note(raw: pl.DataFrame) -> tuple[str, ...]:
    """Rows whose open or close lies outside low-high: only the close is used, but the reader should know."""
    if not {"open", "high", "low", "close"} <= set(raw.columns):
        return ()
    low, high = pl.col("low"), pl.col("high")
    outside = ~pl.col("open").is_between(low, high) | ~pl.col("close").is_between(low, high)
    count = raw.select(outside.fill_null(value=False).sum()).item()
    if not count:
        return ()
    return (f"Warning: VIX: {count} rows whose open or close lies outside low-high; only the close is used.",)
