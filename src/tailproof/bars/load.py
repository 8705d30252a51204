"""From a file to validated bars, with everything that was assumed or counted on the way as notes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl

from tailproof.bars.known_at import known_at_bar_end
from tailproof.bars.read import LINE, read_table
from tailproof.bars.sessions import Gaps, bar_length_of, mark_sessions
from tailproof.bars.validate import validate
from tailproof.core.errors import DataError
from tailproof.core.records import Bars

FEWEST_BARS = 3


def load_bars(path: Path, *, timezone: str = "UTC", session_gap: timedelta | None = None) -> Bars:
    """Read, check and complete the bars of one file.

    Args:
        path: a CSV or Parquet file of bars of one instrument, labelled by bar start.
        timezone: IANA zone of times without an offset.
        session_gap: a gap longer than this is a break; None takes the rule of ``mark_sessions``.

    Raises:
        DataError: lists every fault found in the file.
    """
    return bars_from_frame(read_table(path, timezone=timezone), source=str(path), session_gap=session_gap)


def bars_from_frame(frame: pl.DataFrame, *, source: str, session_gap: timedelta | None = None) -> Bars:
    """Bars from a frame with the columns of ``read_table``.

    Raises:
        DataError: lists every fault found in the frame.
    """
    if frame.height < FEWEST_BARS:
        raise DataError(f"{source}: {frame.height} bar(s). At least {FEWEST_BARS} are needed to know the bar length.")
    validate(frame, source=source)
    bar_length = bar_length_of(frame["time"])
    marked, gaps = mark_sessions(frame, bar_length=bar_length, session_gap=session_gap)
    known_at = known_at_bar_end(pl.col("time"), bar_length=bar_length)
    complete = marked.with_columns(known_at.alias("known_at"))
    return Bars(
        frame=complete.drop(LINE, strict=False),
        bar_length=bar_length,
        source=source,
        notes=_notes(complete, bar_length, gaps),
    )


def _notes(frame: pl.DataFrame, bar_length: timedelta, gaps: Gaps) -> tuple[str, ...]:
    first, last = frame["time"][0], frame["time"][-1]
    dates = frame["time"].dt.date().n_unique()
    span = f"{frame.height:,} bars of {describe_duration(bar_length)} on {dates:,} dates, {first:%Y-%m-%d %H:%M} to "
    span += f"{last:%Y-%m-%d %H:%M} UTC."
    breaks = (
        f"{gaps.sessions:,} sessions: {gaps.session_breaks:,} breaks longer than {describe_duration(gaps.session_gap)}"
        f" between them (longest {describe_duration(gaps.longest)}), {gaps.pauses:,} pauses longer than "
        f"{describe_duration(gaps.segment_gap)} inside, {gaps.contract_changes:,} contract changes; "
        "no return, window or label crosses any of these."
    )
    missing = f"{gaps.missing_bars:,} bars missing in gaps of at most {describe_duration(gaps.segment_gap)}: kept."
    notes = (span, breaks, missing) if gaps.missing_bars and bar_length < timedelta(days=1) else (span, breaks)
    if "volume" not in frame.columns:
        notes = (*notes, "There is no volume column: features that need volume are left out.")
    return notes


def describe_duration(duration: timedelta) -> str:
    """A duration in the largest unit that reads well.

    >>> describe_duration(timedelta(minutes=1)), describe_duration(timedelta(days=2, hours=3))
    ('1 min', '2.1 days')
    """
    seconds = duration.total_seconds()
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            count = seconds / length
            if unit == "days" and count == 1:
                return "1 day"
            return f"{count:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:g} s"
