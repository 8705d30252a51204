"""Judged rows made into bars: start and known-at times, sessions and segments, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from tailproof.bars.known_at import DAY, known_at_bar_end, later
from tailproof.bars.sessions import Gaps, SessionMarker
from tailproof.bars.settings import ReadSettings
from tailproof.bars.table_plan import LINE, SOURCE
from tailproof.core.durations import describe_duration


@dataclass
class Completion:
    """Adds ``known_at``, ``session`` and ``segment`` to frames in time order."""

    settings: ReadSettings
    bar_length: timedelta
    marker: SessionMarker

    def complete(self, frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Frames with all columns of bars, and LINE and SOURCE still there."""
        for frame in frames:
            started = self._by_start(frame)
            marked = self.marker.mark(started)
            known_at = known_at_bar_end(marked["time"], bar_length=self.bar_length)
            others = [name for name in marked.columns if name not in ("time", LINE, SOURCE)]
            yield marked.hstack([known_at])[["time", "known_at", *others, LINE, SOURCE]]

    def _by_start(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Bars labelled by their end named by their start; a day's label is its date either way."""
        if self.settings.bar_label == "start" or self.bar_length >= DAY:
            return frame
        return frame.with_columns(later(frame["time"], -self.bar_length))


def describe_gaps(gaps: Gaps, *, bar_length: timedelta, calendar: str | None) -> tuple[str, ...]:
    """Sentences on sessions, breaks and missing bars."""
    rule = f"by the calendar {calendar}" if calendar else f"longer than {describe_duration(gaps.session_gap)}"
    breaks = (
        f"{gaps.sessions:,} sessions: {gaps.session_breaks:,} breaks {rule} "
        f"between them (longest {describe_duration(gaps.longest)}), {gaps.pauses:,} pauses longer than "
        f"{describe_duration(gaps.segment_gap)} inside them, {gaps.contract_changes:,} contract changes; "
        "no return, window or label crosses any of these."
    )
    notes = [breaks]
    if gaps.missing_bars and bar_length < DAY:
        notes.append(
            f"{gaps.missing_bars:,} bars missing in gaps of at most {describe_duration(gaps.segment_gap)}: "
            "those are kept."
        )
    if gaps.outside_calendar:
        notes.append(f"{gaps.outside_calendar:,} bars lie at times at which {calendar} is closed.")
    return tuple(notes)
