"""When the values of another series were published: a column of the file, a lag, or the rule of their kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from tailproof.arrays.times import DAY_NS, to_nanoseconds
from tailproof.bars.read.aliases import KNOWN_AT, PUBLICATION_NAMES, plain_name, variants
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
from tailproof.core.surface import OF_OTHER_FILE, setting
from tailproof.settings.durations import describe_duration
from tailproof.settings.read_options import ReadOptions

EVENING = f"{DAILY_VIX_USABLE:%H:%M} New York"


@dataclass(frozen=True, kw_only=True)
class PublicationRule:
    """How it is known when the values of a series were published."""

    column: str | None = None
    """Column of the file that says so."""
    is_time: bool = False
    """Whether that column is the only time of its rows."""
    lag: timedelta | None = None
    """After the end of a row, or after what the column says."""
    market: bool = False
    """Whether rows are prices of a market, known when their bar is complete."""
    settings: str = ""
    """Prefix of the settings that say how the file is read, for messages."""

    @property
    def ways_out(self) -> tuple[str, str]:
        """The settings that say how long after its row a value is published, and which column says when."""
        if self.settings == OF_OTHER_FILE:
            return setting("lag", "45d"), setting(f"{OF_OTHER_FILE}columns", f"{KNOWN_AT}=COLUMN")
        if not self.settings.startswith("with "):
            return setting(f"{self.settings}lag", "45d"), setting(f"{self.settings}columns", f"{KNOWN_AT}=COLUMN")
        return setting(f"{self.settings}lag", "45d"), setting(f"{self.settings}known_at", "COLUMN")


def publication_column(
    meanings: Mapping[str, str], options: ReadOptions, rule: PublicationRule, *, source: str
) -> str | None:
    """The column of a file that says when each of its rows was published; None where there is none.

    Args:
        meanings: what each column of the file means.
        options: how the file is read; they may name the column.
        rule: which settings name it, for messages.
        source: for messages.

    Raises:
        DataError: several columns have a usual name of such a column.
    """
    chosen = options.columns.get(KNOWN_AT)
    ignored = {plain_name(name) for name in options.ignore}
    usual = [
        name for name in meanings if set(variants(name)) & set(PUBLICATION_NAMES) and plain_name(name) not in ignored
    ]
    candidates = [chosen] if chosen is not None else [name for name in usual if plain_name(name) == KNOWN_AT] or usual
    if len(candidates) > 1:
        raise DataError(
            f"{source}: one column must say when a value was published, but {' and '.join(candidates)} may. Name it "
            f"with {rule.ways_out[1].replace('COLUMN', candidates[0])}."
        )
    return candidates[0] if candidates else None


def known_times(raw: pl.DataFrame, rule: PublicationRule, *, source: str) -> tuple[pl.Series, str]:
    """When each row is known (UTC), and a sentence that says by which rule.

    A column of the file decides where there is one; where it holds dates, from 18:00 New York of that day on. Else the
    lag does, counted from the end of the row, a day's from 16:00 New York. Else rows of at most a day are known at
    their end, days from 18:00 New York of their date.

    Args:
        raw: ``time`` and, where a column says when rows were published, ``known_at``; both UTC.
        rule: how it is known.
        source: for messages.

    Raises:
        DataError: rows are longer than a day, and nothing says when they were published.
    """
    start = raw["time"]
    length = row_length(start)
    dates = are_dates(start.unique().sort(), bar_length=length)
    end = known_at_bar_end(start, bar_length=length, dates=dates)
    if rule.column is not None and not rule.market:
        stated = start if rule.is_time else raw[KNOWN_AT]
        return _as_stated(stated, end, rule)
    if length > DAY and rule.lag is None and not rule.market:
        raise DataError(
            f"{source}: rows are {describe_duration(length)} apart, and nothing says when their values were "
            f"published: looked for a column {', '.join(PUBLICATION_NAMES[:3])} or the like. Say how long after the "
            f"end of its row a value is published with {rule.ways_out[0]}, or name the column with {rule.ways_out[1]}."
        )
    known, words = _by_length(start, end, length, rule.lag, dates=dates)
    if KNOWN_AT in raw.columns:
        return latest(known, raw[KNOWN_AT]), f"{words}, and never before the file's own known_at"
    return known, words


def time_checks(raw: pl.DataFrame, rule: PublicationRule) -> list[tuple[str, str, str, pl.Expr]]:
    """What is wrong with the times of rows: its kind, what was expected, the column, and where."""
    if rule.column is not None and KNOWN_AT in raw.columns:
        again = pl.struct("time", KNOWN_AT).is_first_distinct().not_()
        return [("two rows for one time that were published together", "one row for each publication", "time", again)]
    step = pl.col("time").diff()
    if not rule.is_time:
        return [("time not after the row above", "rising times, each once", "time", step <= pl.duration())]
    once = (
        "one row for each time. Take the mean, the sum or the last of the values of one time, or give a column 'time' "
        f"with what each value is about beside '{rule.column}'"
    )
    return [
        ("time before the row above", "rising times", "time", step < pl.duration()),
        (f"two different rows with one '{rule.column}'", once, "time", step == pl.duration()),
    ]


def row_length(start: pl.Series) -> timedelta:
    """The most common distance between the times of rows, of which several may have one time."""
    distinct = start.unique().sort()
    return bar_length_of(distinct) if len(distinct) > 1 else DAY


def _as_stated(stated: pl.Series, end: pl.Series, rule: PublicationRule) -> tuple[pl.Series, str]:
    dates = bool((stated.cast(pl.Int64) % DAY_NS == 0).all())
    known = (at_new_york(stated, DAILY_VIX_USABLE) if dates else stated).alias(KNOWN_AT)
    words = f"each value is used from the time in its column '{rule.column}' on"
    words = f"each value is used from {EVENING} of the day in its column '{rule.column}' on" if dates else words
    if rule.lag:
        known = later(known, rule.lag)
        words += f", {describe_duration(rule.lag)} later"
    early = known < end
    if early.any() and not rule.is_time:
        row = int(early.arg_max() or 0)
        words += (
            f". Warning: {int(early.sum()):,} of {len(end):,} values were published before their row was over (the "
            f"first at {known[row]:%Y-%m-%d %H:%M} UTC, its row ends {end[row]:%Y-%m-%d %H:%M}): right for forecasts, "
            "a mistake in anything that was measured"
        )
    return known, words


def _by_length(
    start: pl.Series, end: pl.Series, length: timedelta, lag: timedelta | None, *, dates: bool
) -> tuple[pl.Series, str]:
    if dates:
        if lag is None:
            evening = at_new_york(start + (length - DAY), DAILY_VIX_USABLE)
            return evening, f"a day's close is used from {EVENING} of that day on, never earlier"
        rule = f"a day's close is used from {describe_duration(lag)} after {DAY_CLOSE:%H:%M} New York of that day on"
        return later(end, lag), rule
    if not lag or not to_nanoseconds(lag):
        return end, "a bar's close is used from the end of that bar on"
    return later(end, lag), f"a bar's close is used from {describe_duration(lag)} after the end of that bar on"
