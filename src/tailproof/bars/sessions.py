"""Sessions and unbroken segments, from the gaps of the data itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

SEGMENT_BARS = 5
"""A gap longer than this many bars ends a segment: a return across it is not a return over one bar."""
SESSION_GAP = timedelta(minutes=30)
"""A gap that ends a segment and is longer than this also ends the session (exchange halts of 15 minutes do not)."""


@dataclass(frozen=True, kw_only=True)
class Gaps:
    """What was found between the bars."""

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


def bar_length_of(time: pl.Series) -> timedelta:
    """The most common distance between neighbouring bars.

    >>> from datetime import datetime
    >>> bar_length_of(pl.Series([datetime(2024, 1, 1, 9, m) for m in (30, 31, 32, 35)]))
    datetime.timedelta(seconds=60)
    """
    counts = time.diff().drop_nulls().value_counts(sort=True)
    length: timedelta = counts[counts.columns[0]][0]
    return length


def mark_sessions(
    frame: pl.DataFrame, *, bar_length: timedelta, session_gap: timedelta | None = None
) -> tuple[pl.DataFrame, Gaps]:
    """Add ``session`` and ``segment`` (int32, from 0) to time-ordered bars.

    The rule: a gap longer than 5 bars, or a change of ``contract``, ends a segment; a gap longer than both 5 bars and
    30 minutes ends the session too. ``session_gap`` replaces both limits (``--session-gap 4d`` lets hourly bars of a
    stock run on over nights and weekends).
    """
    segment_gap = session_gap or SEGMENT_BARS * bar_length
    session_limit = session_gap or max(segment_gap, SESSION_GAP)
    step = pl.col("time").diff()
    contract_change = pl.lit(value=False)
    if "contract" in frame.columns:
        contract_change = (pl.col("contract") != pl.col("contract").shift()).fill_null(value=False)
    marks = frame.select(
        step=step,
        session=(step > session_limit).fill_null(value=False),
        pause=(step > segment_gap).fill_null(value=False),
        contract=contract_change,
    )
    segment = (marks["session"] | marks["pause"] | marks["contract"]).cast(pl.Int32).cum_sum().alias("segment")
    session = marks["session"].cast(pl.Int32).cum_sum().alias("session")
    inside = marks.filter(~pl.col("session") & ~pl.col("pause"))["step"].drop_nulls()
    gaps = Gaps(
        sessions=int(session[-1]) + 1,
        segments=int(segment[-1]) + 1,
        session_breaks=int(marks["session"].sum()),
        pauses=int((marks["pause"] & ~marks["session"]).sum()),
        contract_changes=int(marks["contract"].sum()),
        missing_bars=int((inside / bar_length - 1).sum()) if len(inside) else 0,
        longest=marks["step"].max() or timedelta(0),  # type: ignore[arg-type]
        segment_gap=segment_gap,
        session_gap=session_limit,
    )
    return frame.with_columns(session, segment), gaps
