"""Series read from files and frames: the VIX, bars of other instruments, published values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from tailproof.bars.clean.table import column_meanings, read_frame, read_table
from tailproof.bars.merge.known_series import KnownSeries, known_series, published_series
from tailproof.bars.merge.local_times import local_time_warning
from tailproof.bars.merge.publication import PublicationRule, publication_column, row_length
from tailproof.bars.read.aliases import KNOWN_AT, plain_name
from tailproof.bars.read.frames import as_polars
from tailproof.bars.read.table_plan import LINE
from tailproof.bars.read.time_parts import TIME_COLUMNS
from tailproof.core.errors import DataError
from tailproof.core.records import PRICES
from tailproof.core.surface import of_file, setting, speaking_of_file
from tailproof.settings.read_options import ReadOptions

MISSING_MARKS = ("", ".")
"""FRED marks a holiday with a point."""
BRIEF_NAMES = ("o", "h", "l", "c", "v", "vol")
WHEN = cs.by_name("time", KNOWN_AT, LINE, require_all=False)
VIX_NAMES = ("vix_close", "close")
"""Meanings of the column of the VIX, the first that is there."""
VIX_LEVELS = (2.0, 200.0)
"""The median of the VIX since 1990 is 18; that of a stock index, or of the VIX as a share, lies outside."""


@dataclass(frozen=True, kw_only=True)
class _SeriesRows:
    """The rows of a series as they were read."""

    raw: pl.DataFrame
    """``time``, LINE, ``known_at`` where the file tells it, and the other columns by their meanings."""
    rule: PublicationRule
    """With the column that says when the rows were published, where there is one."""
    meanings: Mapping[str, str]
    """Column of the file to meaning."""
    source: str
    """For messages."""

    @property
    def values(self) -> list[str]:
        """The number columns beside the time."""
        return [name for name in self.raw.columns if name not in ("time", LINE) and self.raw[name].dtype.is_numeric()]

    def own_name(self, column: str) -> str:
        """What the file calls a column."""
        return next((name for name, meaning in self.meanings.items() if column in (meaning, plain_name(name))), column)

    def require_values(self) -> list[str]:
        """The number columns beside the time.

        Raises:
            DataError: there is none.
        """
        if not self.values:
            raise DataError(
                f"{self.source}: there must be a column of numbers beside the time, got {', '.join(self.meanings)}. "
                "Give a file with the values of the series; text is left out."
            )
        return self.values

    def clock_note(self, timezone: str, *, label: str) -> tuple[str, ...]:
        """A warning where times were taken for UTC and look local."""
        if timezone != "UTC":
            return ()
        time = self.raw["time"].drop_nulls()
        zone = f"{self.rule.settings}timezone"
        return local_time_warning(time, bar_length=row_length(time), label=label, zone=zone)


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
    source = str(path) if isinstance(path, Path | str) else "vix"
    rows = _read_rows(path, options, PublicationRule(lag=lag, market=True, settings=settings), source=source)
    name = next((name for name in VIX_NAMES if name in rows.raw.columns), None)
    if name is None:
        raise _no_vix(rows)
    closes = rows.raw.select(WHEN, pl.col(name).alias("vix_close"))
    series = known_series(closes, columns=("vix_close",), source=source, label="VIX", rule=rows.rule)
    clock = rows.clock_note(options.timezone, label="VIX")
    return replace(series, notes=(*series.notes, *_range_note(rows.raw), *_level_note(closes["vix_close"]), *clock))


def _no_vix(rows: _SeriesRows) -> DataError:
    """The error where no column is called like the VIX, with those that may hold it."""
    candidates = [rows.own_name(name) for name in rows.values if name != KNOWN_AT]
    looked = "no column for the VIX: looked for close, last, vix, vix_close (any case)"
    if not candidates:
        return DataError(
            f"{rows.source}: {looked}, got {', '.join(rows.meanings)}, none of them numbers beside the time. Give a "
            "file that has the closes of the VIX."
        )
    option = setting(f"{rows.rule.settings}columns", f"close={candidates[0]}")
    advice = f"If that is the VIX, give {option}."
    if len(candidates) > 1:
        advice = f"Name the one that is the VIX, as in {option}."
    return DataError(f"{rows.source}: {looked}, got the numbers {', '.join(map(repr, candidates))}. {advice}")


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
    rows = _read_rows(path, options, PublicationRule(lag=lag, settings=settings), source=source)
    numbers = rows.require_values()
    market = set(PRICES) <= set(numbers)
    taken = ["close"] if market else numbers
    renamed = rows.raw.select(WHEN, *(pl.col(name).alias(f"{stem}_{name}") for name in taken))
    names = tuple(f"{stem}_{name}" for name in taken)
    rule = replace(rows.rule, market=market)
    series = known_series(renamed, columns=names, source=source, label=stem, rule=rule, positive=False)
    return replace(series, notes=(*series.notes, *rows.clock_note(options.timezone, label=stem)))


def read_published(
    data: Path | pl.DataFrame | Any, *, label: str, options: ReadOptions, lag: timedelta | None
) -> KnownSeries:
    """Values under the name of their series, on rows of their own: releases, sentiment, anything but bars.

    Raises:
        DataError: as ``read_series``.
    """
    source, settings = str(data) if isinstance(data, Path | str) else label, f"with {label}."
    rows = _read_rows(data, options, PublicationRule(lag=lag, settings=settings), source=source)
    values = tuple(rows.require_values())
    known = known_series(
        rows.raw.select(WHEN, *values), columns=values, source=source, label=label, rule=rows.rule, positive=False
    )
    assert known.published is not None, "known_series keeps them"
    series = published_series(known.published, values, label=label, length=row_length(known.published["time"]))
    return replace(series, notes=(*known.notes, *rows.clock_note(options.timezone, label=label)))


def _read_rows(
    data: Path | pl.DataFrame | Any, options: ReadOptions, rule: PublicationRule, *, source: str
) -> _SeriesRows:
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
            text = cs.string()
            marked = pl.when(text.is_in(MISSING_MARKS)).then(None).otherwise(text).name.keep()
            raw = read_frame(as_polars(data, name=source).with_columns(marked), source=source, **needs)
    return _SeriesRows(
        raw=_under_own_names(raw, meanings, options),
        rule=replace(rule, column=column, is_time=is_time),
        meanings=meanings,
        source=source,
    )


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


def _level_note(close: pl.Series) -> tuple[str, ...]:
    """Closes that are hardly those of the VIX, such as the prices of an index."""
    median = close.cast(pl.Float64, strict=False).median()
    if not isinstance(median, float) or VIX_LEVELS[0] <= median <= VIX_LEVELS[1]:
        return ()
    return (
        f"Warning: VIX: half of its closes lie above {median:,.5g}, and the VIX is hardly ever below 9 or above 90. Is "
        "this another file?",
    )


def _range_note(raw: pl.DataFrame) -> tuple[str, ...]:
    """Rows whose open or close lies outside low-high: only the close is used, but the reader should know."""
    if not set(PRICES) <= set(raw.columns):
        return ()
    low, high = pl.col("low"), pl.col("high")
    outside = ~pl.col("open").is_between(low, high) | ~pl.col("close").is_between(low, high)
    count = raw.select(outside.fill_null(value=False).sum()).item()
    if not count:
        return ()
    return (f"Warning: VIX: {count} rows whose open or close lies outside low-high; only the close is used.",)
