"""Judged rows made into bars: start and known-at times, sessions and segments, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from tailproof.bars.read.aliases import KNOWN_AT
from tailproof.bars.read.table_plan import LINE, SOURCE
from tailproof.bars.sessions.known_at import DAY, known_at_bar_end, later, latest
from tailproof.bars.sessions.marker import Gaps, SessionMarker
from tailproof.core.counted import counted
from tailproof.settings.durations import describe_duration
from tailproof.settings.read_options import BarLabel


@dataclass
class Completion:
    """Adds ``known_at``, ``session`` and ``segment`` to frames in time order."""

    bar_label: BarLabel
    bar_length: timedelta
    marker: SessionMarker
    dates: bool
    """Whether the bars are named by dates alone."""
    declared_later: int = 0
    """Bars that, according to the file, are known only after their end, which is accepted."""
    declared_sooner: int = 0
    """Bars that, according to the file, are known before their end, which is rejected."""

    def complete(self, frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Frames with all columns of bars, and LINE and SOURCE still there."""
        for frame in frames:
            started = self._by_start(frame)
            marked = self.marker.mark(started)
            known_at = known_at_bar_end(marked["time"], bar_length=self.bar_length, dates=self.dates)
            if KNOWN_AT in marked.columns:
                known_at = self._not_before(known_at, marked[KNOWN_AT])
            others = [name for name in marked.columns if name not in ("time", KNOWN_AT, LINE, SOURCE)]
            yield marked.with_columns(known_at.alias(KNOWN_AT))[["time", KNOWN_AT, *others, LINE, SOURCE]]

    def _not_before(self, ends: pl.Series, declared: pl.Series) -> pl.Series:
        """The file's known-at times where they are later: a bar is never known before it is over by its times."""
        self.declared_later += int((declared > ends).sum())
        self.declared_sooner += int((declared < ends).sum())
        return latest(ends, declared)

    def _by_start(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Bars labelled by their end named by their start; a date is the date either way."""
        if self.bar_label == "start" or self.dates:
            return frame
        return frame.with_columns(later(frame["time"], -self.bar_length))


def describe_gaps(gaps: Gaps, *, bar_length: timedelta, calendar: str | None) -> tuple[str, ...]:
    """Sentences on sessions, breaks and missing bars."""
    rule = f"by the calendar {calendar}" if calendar else f"longer than {describe_duration(gaps.session_gap)}"
    breaks = (
        f"{counted(gaps.sessions, 'session')}: {counted(gaps.session_breaks, 'break')} {rule} "
        f"between them (longest {describe_duration(gaps.longest)}), {counted(gaps.pauses, 'pause')} longer than "
        f"{describe_duration(gaps.segment_gap)} inside them, {counted(gaps.contract_changes, 'contract change')}; "
        "no return, window or label crosses any of these."
    )
    notes = [breaks]
    if gaps.missing_bars and bar_length < DAY:
        notes.append(
            f"{counted(gaps.missing_bars, 'bar')} missing in gaps of at most {describe_duration(gaps.segment_gap)}: "
            "those gaps are kept."
        )
    if gaps.outside_calendar:
        notes.append(f"{counted(gaps.outside_calendar, 'bar')} at times at which {calendar} is closed.")
    return tuple(notes)


def describe_declared(completion: Completion) -> tuple[str, ...]:
    """Sentences on the effect of the file's own column ``known_at``."""
    notes = []
    if completion.declared_later:
        notes.append(f"{completion.declared_later:,} bars are known later than their end, at the file's known_at.")
    if completion.declared_sooner:
        notes.append(
            f"Warning: {completion.declared_sooner:,} bars have a known_at before their end: it is not believed, and "
            "they are known when they end."
        )
    return tuple(notes)
