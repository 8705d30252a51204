"""One finished bar added to those before it, by the rules by which they were read."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import polars as pl

from tailproof.bars.clean.row_checks import value_checks
from tailproof.bars.read.aliases import KNOWN_AT
from tailproof.bars.sessions.bar_length import TimeStepCounter
from tailproof.bars.sessions.calendars import TradingCalendar, load_calendar
from tailproof.bars.sessions.known_at import are_dates, known_at_bar_end, latest
from tailproof.bars.sessions.marker import SessionMarker
from tailproof.core.errors import DataError
from tailproof.core.instrument_columns import instrument_columns
from tailproof.core.records import Bars

MARKED = ("session", "segment", "regular_hours")
"""Columns that are derived from the times."""


@dataclass(frozen=True, kw_only=True)
class Continuation:
    """The rules that decide when the next bar is known, and whether a session or a segment ends before it."""

    dates: bool
    """Whether bars are named by dates alone."""
    session_gap: timedelta | None
    calendar: str | None

    @classmethod
    def of(cls, bars: Bars, *, session_gap: timedelta | None, calendar: str | None) -> Continuation:
        """The rules of these bars; the gap and the calendar are those with which they were read."""
        return cls(
            dates=are_dates(bars.frame["time"], bar_length=bars.bar_length),
            session_gap=session_gap or (None if calendar is not None else _usual_gap(bars)),
            calendar=None if bars.daily else calendar,
        )

    def extended(self, bars: Bars, bar: Mapping[str, Any]) -> Bars:
        """The bars and the one after them, with known-at time, session and segment as if all had been read at once.

        Args:
            bars: those before, the last one at least.
            bar: a value for every column of ``bars`` that is not made of the times: ``time`` (a datetime with a time
                zone, at which the bar starts), prices, volume, and what was merged on; None where a merged value is not
                known. ``known_at`` may be given where the bar is known later than its end. Others are not looked at.

        Raises:
            DataError: lists everything that is wrong with the bar.

        >>> from tailproof.bars import sp500_days
        >>> bars = sp500_days()
        >>> rules = Continuation.of(bars, session_gap=None, calendar=None)
        >>> before = replace(bars, frame=bars.frame.head(-1))
        >>> rules.extended(before, bars.frame.row(-1, named=True)).frame.equals(bars.frame)
        True
        """
        made_here = (KNOWN_AT, *MARKED)
        row = _row(bars, pl.Schema({n: kind for n, kind in bars.frame.schema.items() if n not in made_here}), bar)
        _refuse_faults(bars, row)
        marked = self._marker(bars, row).mark(row)
        known_at = known_at_bar_end(marked["time"], bar_length=bars.bar_length, dates=self.dates)
        if bar.get(KNOWN_AT) is not None:
            known_at = latest(known_at, pl.Series([bar[KNOWN_AT].astimezone(UTC)], dtype=known_at.dtype))
        following = marked.with_columns(known_at.alias(KNOWN_AT))[bars.frame.columns]
        return replace(bars, frame=pl.concat([bars.frame, following], rechunk=True))

    def _marker(self, bars: Bars, row: pl.DataFrame) -> SessionMarker:
        last = bars.frame.row(-1, named=True)
        last_time = bars.frame["time"].cast(pl.Int64)[-1]
        marker = SessionMarker(
            bar_length=bars.bar_length,
            session_gap=self.session_gap,
            last_time=last_time,
            last_names={name: last[name] for name in instrument_columns(bars.frame)},
            session=last["session"],
            segment=last["segment"],
        )
        if self.calendar is not None:
            calendar = _calendar(
                self.calendar, *(time.date().replace(day=1) for time in (last["time"], row["time"][0]))
            )
            marker.calendar = calendar
            time_N = bars.frame["time"].tail(1).cast(pl.Int64).to_numpy()
            marker.last_calendar_session = int(calendar.session_number(time_N)[0])
        return marker


def _usual_gap(bars: Bars) -> timedelta | None:
    counter = TimeStepCounter()
    counter.see(bars.frame["time"].cast(pl.Int64).to_numpy())
    return counter.usual_gap


@lru_cache(maxsize=2)
def _calendar(name: str, first_month: date, last_month: date) -> TradingCalendar:
    """The calendar of whole months: it takes half a second, and one serves all bars of a month."""
    return load_calendar(name, first=first_month, last=last_month + timedelta(days=31))


def _row(bars: Bars, schema: pl.Schema, next_bar: Mapping[str, Any]) -> pl.DataFrame:
    """The next bar as a row of these columns."""
    faults = [f"{name} is absent{_hint(name, next_bar)}" for name in schema if name not in next_bar]
    for name in ("time", KNOWN_AT):
        value = next_bar.get(name)
        zoned = isinstance(value, datetime) and value.tzinfo is not None
        if name in next_bar and not zoned and not (name == KNOWN_AT and value is None):
            faults.append(f"{name} must be a datetime with a time zone, got {value!r}")
    values = {name: next_bar[name] for name in schema if name in next_bar}
    values |= {
        name: value.astimezone(UTC) for name, value in values.items() if isinstance(value, datetime) and not faults
    }
    columns = []
    for name, value in values.items() if not faults else ():
        try:
            columns.append(pl.Series(name, [value], dtype=schema[name]))
        except (TypeError, pl.exceptions.PolarsError):
            faults.append(f"{name} must be {schema[name]}, got {value!r}")
    if faults:
        raise DataError(
            f"{bars.source}: the next bar must give {', '.join(schema)}, as those before it, but: {'; '.join(faults)}."
        )
    return pl.DataFrame(columns)


def _hint(name: str, names: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return f" (is it '{near[0]}'?)" if near else ""


def _refuse_faults(bars: Bars, row: pl.DataFrame) -> None:
    time, last = row["time"][0], bars.frame["time"][-1]
    faults = [] if time > last else [f"time is not after that of the bar before ({last:%Y-%m-%d %H:%M:%S} UTC)"]
    faults += [
        f"{check.kind} ({check.column}={row[check.column][0]}; expected {check.expected})"
        for check in value_checks(row)
        if row.select(check.bad).item()
    ]
    if faults:
        raise DataError(
            f"{bars.source}: the bar of {time:%Y-%m-%d %H:%M:%S} UTC cannot follow: {'; '.join(faults)}. Give it "
            "corrected, or leave it out: a gap is no fault."
        )
