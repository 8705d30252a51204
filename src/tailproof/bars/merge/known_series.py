"""Another series with the time from which each of its values may be used: daily or by the minute, with a lag."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from tailproof.bars.clean.table import column_meanings, read_frame, read_table
from tailproof.bars.faults import Fault, raise_faults
from tailproof.bars.merge.local_times import local_time_warning
from tailproof.bars.merge.publication import (
    PublicationRule,
    known_times,
    publication_column,
    row_length,
    time_checks,
)
from tailproof.bars.merge.vintages import as_it_stood
from tailproof.bars.read.aliases import KNOWN_AT, PRICES, plain_name
from tailproof.bars.read.frames import as_polars
from tailproof.bars.read.table_plan import LINE
from tailproof.bars.read.time_parts import TIME_COLUMNS
from tailproof.core.counted import counted
from tailproof.core.errors import DataError
from tailproof.core.records import Bars, JoinedSeries
from tailproof.core.surface import of_file, setting, speaking_of_file
from tailproof.settings.read_options import ReadOptions

STALE_AFTER = timedelta(days=10)
"""Longer than any closure of an exchange in a century of daily values; older values are not carried on."""
STALE_ROWS = 3
"""Values of rows longer than a few days are carried on for so many of them."""
AGE = "age_hours"
MISSING_MARKS = ("", ".")
"""FRED marks a holiday with a point."""
BRIEF_NAMES = ("o", "h", "l", "c", "v", "vol")
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
    label: str = ""
    """The name of the series; empty where only its columns are of interest."""
    values: tuple[str, ...] = ()
    """Columns of ``published`` that hold values; none where its rows are bars of another instrument."""
    published: pl.DataFrame | None = None
    """Its rows as they were published, ``known_at`` rising, of which ``frame`` and ``rows`` are made."""
    rows: Bars | None = None
    """Its own rows, on which its features are computed."""
    stale_after: timedelta | None = None
    """A value known longer ago than this is not in force; None is ten days."""
    fingerprint: Mapping[str, str] = field(default_factory=dict)
    """Where it came from, and hashes of its files and of its rows."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The value columns."""
        return tuple(name for name in self.frame.columns if name != "known_at")

    @property
    def age_column(self) -> str:
        """The column with the hours that a value had been known."""
        return f"{self.name}_{AGE}"

    def __repr__(self) -> str:
        return f"KnownSeries(name={self.name!r}, rows={self.frame.height}, columns={list(self.columns)})"

    def again(self, published: pl.DataFrame) -> KnownSeries:
        """The same series made of other published rows."""
        if self.rows is None:
            return replace(self, frame=published)
        if self.values:
            again = published_series(published, self.values, label=self.label, length=self.rows.bar_length)
        else:
            again = bars_series(replace(self.rows, frame=published), label=self.label)
        return replace(self, frame=again.frame, published=again.published, rows=again.rows)


def bars_series(bars: Bars, *, label: str) -> KnownSeries:
    """Bars of another instrument as a series: their close beside other bars, all of them for features of its own."""
    frame = bars.frame.select("known_at", pl.col("close").alias(f"{label}_close"))
    name = f"{label}_close"
    return KnownSeries(name=name, frame=frame, notes=(), label=label, published=bars.frame, rows=bars)


def published_series(published: pl.DataFrame, values: tuple[str, ...], *, label: str, length: timedelta) -> KnownSeries:
    """Published values as a series, as they stood at each publication.

    Args:
        published: ``time`` (of the period), ``known_at`` (UTC, rising) and the values.
        values: their columns.
        label: the name of the series, and of a column that is called so; the others get it as a prefix.
        length: of a period.
    """
    stood = as_it_stood(published, values)
    whole = pl.repeat(0, stood.height, dtype=pl.Int32, eager=True)
    rows = Bars(frame=stood.with_columns(session=whole, segment=whole), bar_length=length, source=label)
    frame = _beside(rows, values, label=label)
    return KnownSeries(
        name=frame.columns[1],
        frame=frame,
        notes=(),
        label=label,
        values=values,
        published=published,
        rows=rows,
        stale_after=max(STALE_AFTER, STALE_ROWS * length),
    )


def joined_again(series: JoinedSeries) -> KnownSeries:
    """The series of a join, to be joined to further bars."""
    if not series.values:
        return bars_series(series.rows, label=series.name)
    frame = _beside(series.rows, series.values, label=series.name)
    return KnownSeries(
        name=frame.columns[1],
        frame=frame,
        notes=(),
        label=series.name,
        values=series.values,
        published=series.published,
        rows=series.rows,
    )


def _beside(rows: Bars, values: tuple[str, ...], *, label: str) -> pl.DataFrame:
    """The columns that published values get beside bars."""
    names = {name: name if name == label else f"{label}_{name}" for name in values}
    return rows.frame.select("known_at", *(pl.col(name).alias(alias) for name, alias in names.items()))


@contextmanager
def named_for(settings: str) -> Iterator[None]:
    """Around the reading of a merged file: messages name its own settings, which have a prefix."""
    try:
        with speaking_of_file(settings):
            yield
    except DataError as error:
        raise DataError(of_file(error.args[0], settings)) from error.__cause__


def read_vix(
    path: Path | pl.DataFrame | Any,
    *,
    timezone: str = "UTC",
    lag: timedelta | None = None,
    columns: Mapping[str, str] | None = None,
    options: ReadOptions | None = None,
    settings: str = "",
) -> KnownSeries:
    """The VIX, daily or intraday, as a series of closes.

    Cells that are empty or "." (FRED's mark of a holiday) give no value: the last known close stays in force.

    Args:
        path: a file, folder or pattern, as for bars, or a polars or pandas frame.
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
    rule = PublicationRule(lag=lag, market=True, settings=settings)
    source = str(path) if isinstance(path, Path | str) else "vix"
    raw, rule = _read_rows(path, options, rule, source=source)
    names = [name for name in ("vix_close", "close") if name in raw.columns]
    if not names:
        present = ", ".join(name for name in raw.columns if name != LINE)
        raise DataError(
            f"{source}: no column for the VIX: looked for close, last, vix, vix_close (any case), found {present}. "
            f"Name it with {setting(f'{settings}columns', 'close=NAME')}."
        )
    closes = raw.select(WHEN, pl.col(names[0]).alias("vix_close"))
    series = known_series(closes, columns=("vix_close",), source=source, label="VIX", rule=rule)
    clock = _clock_note(raw, options.timezone, label="VIX", zone=f"{settings}timezone")
    return replace(series, notes=(*series.notes, *_range_note(raw), *clock))


def vix_series(raw: pl.DataFrame, *, source: str, lag: timedelta | None = None) -> KnownSeries:
    """Columns ``time`` (UTC), LINE and ``vix_close`` as a series with known-at times.

    Raises:
        DataError: times out of order or repeated, or a VIX that is not above zero.
    """
    rule = PublicationRule(lag=lag, market=True, settings="vix_")
    return known_series(raw, columns=("vix_close",), source=source, label="VIX", rule=rule)


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

    Values are known when a column of the file says that they were published (``known_at``, ``release_date``,
    ``realtime_start`` and other usual names; a date counts from 18:00 New York), else ``lag`` after the end of their
    bar (a day: 16:00 New York), else at the end of their bar, a day's at 18:00 New York of its date. They may be zero
    or negative. Several rows for one period are its vintages: the one known last is in force. ``settings`` is the
    prefix of the settings that say how the file is read, for messages.

    Raises:
        DataError: the file is unreadable, its times do not rise, a value is infinite, or rows are longer than a day and
            nothing says when they were published.
    """
    options = options or ReadOptions(timezone=timezone, columns=columns or {})
    source = str(path) if isinstance(path, Path | str) else "frame"
    stem = prefix or (Path(source).name.split(".")[0] if source != "frame" else "other")
    raw, rule = _read_rows(path, options, PublicationRule(lag=lag, settings=settings), source=source)
    numbers = value_columns(raw, source=source)
    market = set(PRICES) <= set(numbers)
    taken = ["close"] if market else numbers
    renamed = raw.select(WHEN, *(pl.col(name).alias(f"{stem}_{name}") for name in taken))
    names = tuple(f"{stem}_{name}" for name in taken)
    rule = replace(rule, market=market)
    series = known_series(renamed, columns=names, source=source, label=stem, rule=rule, positive=False)
    clock = _clock_note(raw, options.timezone, label=stem, zone=f"{settings}timezone")
    return replace(series, notes=(*series.notes, *clock))


def read_published(
    data: Path | pl.DataFrame | Any, *, label: str, options: ReadOptions, lag: timedelta | None
) -> KnownSeries:
    """Values under the name of their series, on rows of their own: releases, sentiment, anything but bars.

    Raises:
        DataError: as ``read_series``.
    """
    source, settings = str(data) if isinstance(data, Path | str) else label, f"with {label}."
    raw, rule = _read_rows(data, options, PublicationRule(lag=lag, settings=settings), source=source)
    values = tuple(value_columns(raw, source=source))
    known = known_series(
        raw.select(WHEN, *values), columns=values, source=source, label=label, rule=rule, positive=False
    )
    assert known.published is not None, "known_series keeps them"
    clock = _clock_note(raw, options.timezone, label=label, zone=f"{settings}timezone")
    series = published_series(known.published, values, label=label, length=row_length(known.published["time"]))
    return replace(series, notes=(*known.notes, *clock))


def value_columns(raw: pl.DataFrame, *, source: str) -> list[str]:
    """The number columns beside the time.

    Raises:
        DataError: there is none.
    """
    numbers = [name for name in raw.columns if name not in ("time", LINE) and raw[name].dtype.is_numeric()]
    if not numbers:
        columns = ", ".join(name for name in raw.columns if name != LINE)
        raise DataError(f"{source}: no column of numbers beside the time. Columns found: {columns}; text is left out.")
    return numbers


def _read_rows(
    data: Path | pl.DataFrame | Any, options: ReadOptions, rule: PublicationRule, *, source: str
) -> tuple[pl.DataFrame, PublicationRule]:
    """The rows of a series, and the rule with the column that says when they were published, where there is one."""
    with named_for(rule.settings):
        meanings = column_meanings(data, options=options, required=("time",))
        column = publication_column(meanings, options, rule, source=source)
        is_time = column is not None and meanings[column] in TIME_COLUMNS
        if column is not None and not is_time:
            options = options.model_copy(update={"columns": {**options.columns, KNOWN_AT: column}})
        needs: dict[str, Any] = {"required": ("time",), "options": options, "strict_rows": False}
        if isinstance(data, Path | str):
            raw = read_table(Path(data), missing_marks=MISSING_MARKS, **needs)
        else:
            raw = read_frame(as_polars(data, name=source), source=source, **needs)
    return _under_own_names(raw, meanings, options), replace(rule, column=column, is_time=is_time)


def _under_own_names(raw: pl.DataFrame, meanings: Mapping[str, str], options: ReadOptions) -> pl.DataFrame:
    """Columns such as ``v`` mean prices and volume in a table of bars alone; elsewhere they keep their names."""
    if set(PRICES) <= set(meanings.values()):
        return raw
    chosen = set(options.columns.values())
    return raw.rename(
        {
            meaning: plain_name(name)
            for name, meaning in meanings.items()
            if plain_name(name) in BRIEF_NAMES and name not in chosen and meaning in raw.columns
        }
    )


def known_series(
    raw: pl.DataFrame,
    *,
    columns: tuple[str, ...],
    source: str,
    label: str,
    rule: PublicationRule,
    positive: bool = True,
) -> KnownSeries:
    """Value columns with the times from which they are known; rows without any value are left out and counted.

    Args:
        raw: ``time`` (bar start, UTC), LINE, the columns, and ``known_at`` where the file tells it.
        columns: of values.
        source: for messages.
        label: for notes.
        rule: how it is known when they were published.
        positive: whether values must be above zero.

    Raises:
        DataError: times do not rise, values cannot be, or nothing says when they were published.
    """
    whole = raw.height
    if rule.column is not None:
        raw = raw.unique([name for name in raw.columns if name != LINE], keep="first", maintain_order=True)
    _refuse_bad_rows(raw, columns, source=source, positive=positive, rule=rule)
    frame = raw.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in columns))
    if frame.height < 2:
        raise DataError(f"{source}: fewer than two {label} values. Expected one a day or one a bar.")
    known_at, words = known_times(frame, rule, source=source)
    first, last = frame["time"].sort().dt.strftime("%Y-%m-%d").gather([0, -1])
    note = f"{label}: {frame.height:,} values from {first} to {last}; {words}."
    if raw.height > frame.height:
        note += f" {counted(raw.height - frame.height, 'row')} without a value: the value before stays in force."
    if whole > raw.height:
        again = whole - raw.height
        note += f" {counted(again, 'row')} left out that {'says' if again == 1 else 'say'} again what another row says."
    published = frame.select("time", known_at.alias("known_at"), *columns)
    if not known_at.is_sorted():
        published = published.sort("known_at", "time", maintain_order=True)
    return KnownSeries(
        name=columns[0], frame=published.drop("time"), notes=(note,), published=published, values=columns
    )


def _clock_note(raw: pl.DataFrame, timezone: str, *, label: str, zone: str) -> tuple[str, ...]:
    """A warning where times were taken for UTC and look local."""
    if timezone != "UTC":
        return ()
    time = raw["time"].drop_nulls()
    return local_time_warning(time, bar_length=row_length(time), label=label, zone=zone)


def _refuse_bad_rows(
    raw: pl.DataFrame, columns: tuple[str, ...], *, source: str, positive: bool, rule: PublicationRule
) -> None:
    checks = time_checks(raw, rule)
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
