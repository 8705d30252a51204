"""Sessions and unbroken segments, from the gaps of the data itself or from a trading calendar."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import polars as pl

from tailproof.arrays.times import from_nanoseconds, to_nanoseconds
from tailproof.bars.sessions.calendars import TradingCalendar
from tailproof.core.instrument_columns import instrument_columns

SEGMENT_BARS = 5
"""A gap longer than this many bars ends a segment: a return across it is not a return over one bar."""
SESSION_GAP = timedelta(minutes=30)
"""A gap that ends a segment and is longer than this also ends the session (exchange halts of 15 minutes do not)."""


@dataclass(frozen=True, kw_only=True)
class Gaps:
    """The gaps found between the bars."""

    sessions: int
    segments: int
    session_breaks: int
    """Gaps that end a session."""
    pauses: int
    """Gaps that end a segment inside a session."""
    contract_changes: int
    missing_bars: int
    """Bars missing inside segments: gaps of 2 to 5 bars."""
    longest: timedelta
    segment_gap: timedelta
    session_gap: timedelta
    outside_calendar: int = 0
    """Bars at times at which the calendar says that there is no trading."""


COUNTED = ("session_breaks", "pauses", "contract_changes", "missing_bars", "longest", "outside_calendar")


@dataclass
class SessionMarker:
    """Marks time-ordered bars chunk by chunk.

    The rule: a gap longer than 5 bars, or a change of contract, symbol or the like, ends a segment; a gap longer than
    both 5 bars and 30 minutes ends the session too. ``session_gap`` replaces both limits (``--session-gap 4d`` lets
    hourly bars of a stock run on over nights and weekends). With a calendar, its sessions take the place of the 30
    minutes.
    """

    bar_length: timedelta
    session_gap: timedelta | None = None
    calendar: TradingCalendar | None = None
    last_time: int | None = None
    last_names: dict[str, str | None] = field(default_factory=dict)
    """The last row's contract, symbol or the like, by column."""
    last_calendar_session: int = 0
    session: int = 0
    segment: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))

    @property
    def segment_limit(self) -> timedelta:
        """A longer gap ends a segment."""
        return self.session_gap or SEGMENT_BARS * self.bar_length

    @property
    def session_limit(self) -> timedelta:
        """A longer gap ends a session, where no calendar says otherwise."""
        return self.session_gap or max(self.segment_limit, SESSION_GAP)

    def mark(self, frame: pl.DataFrame) -> pl.DataFrame:
        """``frame`` with ``session`` and ``segment`` (int32, from 0), and ``regular_hours`` with a calendar."""
        time_N = frame["time"].cast(pl.Int64).to_numpy()
        first = time_N[0] if self.last_time is None else self.last_time
        step_N = np.empty_like(time_N)
        np.subtract(time_N[1:], time_N[:-1], out=step_N[1:])
        step_N[0] = time_N[0] - first
        pause_N = step_N > to_nanoseconds(self.segment_limit)
        session_N = step_N > to_nanoseconds(self.session_limit)
        marks = []
        if self.calendar is not None:
            number_N = self.calendar.session_number(time_N)
            before = number_N[0] if self.last_time is None else self.last_calendar_session
            session_N = np.diff(number_N, prepend=before) != 0
            self.last_calendar_session = int(number_N[-1])
            self.counts["outside_calendar"] += int(
                (~self.calendar.is_open(time_N, bar_ns=to_nanoseconds(self.bar_length))).sum()
            )
            marks.append(pl.Series("regular_hours", self.calendar.is_regular(time_N)))
        contract_N = self._contract_changes(frame)  # before the last time is replaced
        self._count(step_N, pause_N, session_N, contract_N)
        session_ids = np.cumsum(session_N, dtype=np.int32) + np.int32(self.session)
        segment_ids = np.cumsum(session_N | pause_N | contract_N, dtype=np.int32) + np.int32(self.segment)
        self.last_time = int(time_N[-1])
        self.session, self.segment = int(session_ids[-1]), int(segment_ids[-1])
        return frame.hstack([pl.Series("session", session_ids), pl.Series("segment", segment_ids), *marks])

    def gaps(self) -> Gaps:
        """The gaps found in all chunks."""
        counts = dict(self.counts)
        longest = from_nanoseconds(counts.pop("longest"))
        return Gaps(
            sessions=self.session + 1,
            segments=self.segment + 1,
            longest=longest,
            segment_gap=self.segment_limit,
            session_gap=self.session_limit,
            **counts,
        )

    def _contract_changes(self, frame: pl.DataFrame) -> np.ndarray:
        """Rows at which any column that names a contract or an instrument changes."""
        changes_N = np.zeros(frame.height, dtype=bool)
        for column in instrument_columns(frame):
            name = frame[column]
            change_N = name.ne_missing(name.shift()).to_numpy().copy()
            change_N[0] = self.last_time is not None and name[0] != self.last_names.get(column)
            self.last_names[column] = name[-1]
            changes_N |= change_N
        return changes_N

    def _count(self, step_N: np.ndarray, pause_N: np.ndarray, session_N: np.ndarray, contract_N: np.ndarray) -> None:
        length = to_nanoseconds(self.bar_length)
        inside_N = step_N[(step_N > length) & ~(session_N | pause_N)]
        self.counts["session_breaks"] += int(session_N.sum())
        self.counts["pauses"] += int((pause_N & ~session_N).sum())
        self.counts["contract_changes"] += int(contract_N.sum())
        self.counts["missing_bars"] += int((inside_N // length - 1).sum())
        self.counts["longest"] = max(self.counts["longest"], int(step_N.max()))
