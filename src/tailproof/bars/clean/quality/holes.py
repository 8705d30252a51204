"""Bars that are not there: minutes inside sessions, and whole days."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from tailproof.arrays.times import DAY_NS, to_nanoseconds
from tailproof.bars.clean.quality.quality_part import QualityPart
from tailproof.bars.faults import SHOWN_LINES, Fault

LONG_HOLE = timedelta(days=5)
"""Longer than any weekend with holidays on both sides."""


class Holes:
    """Missing bars counted by session, and stretches of days without any bar."""

    def __init__(self) -> None:
        self.missing: Counter[int] = Counter()
        self.first_of: dict[int, int] = {}
        self.holes: list[tuple[int, int]] = []
        self.last_part: QualityPart | None = None
        self.times: list[np.ndarray] = []

    def see(self, part: QualityPart) -> None:
        """Take in a part."""
        self.last_part = part
        session_N = part.array("session")
        gaps = np.flatnonzero(part.step_N > part.context.bar_ns)
        gaps = gaps[gaps >= part.lead]
        for row in gaps[session_N[gaps] == session_N[gaps - 1]].tolist():
            session = int(session_N[row])
            self.missing[session] += int(part.step_N[row] // part.context.bar_ns) - 1
            self.first_of.setdefault(session, int(part.time_N[row]))
        long = gaps[part.step_N[gaps] > to_nanoseconds(LONG_HOLE)]
        self.holes += [(int(part.time_N[row] - part.step_N[row]), int(part.time_N[row])) for row in long.tolist()]
        if part.context.calendar is not None:
            self.times.append(_session_starts(part))

    def faults(self) -> list[Fault]:
        """Warnings."""
        part = self.last_part
        if part is None:
            return []
        faults = []
        if self.missing and not part.context.daily:
            faults.append(self._missing_fault())
        if self.holes and part.context.bar_length < LONG_HOLE:
            faults.append(self._holes_fault())
        if part.context.calendar is not None:
            faults += self._calendar_faults(part)
        return faults

    def notes(self) -> list[str]:
        """None."""
        return []

    def _missing_fault(self) -> Fault:
        worst = self.missing.most_common(3)
        shown = ", ".join(f"{_when(self.first_of[session])} ({count:,})" for session, count in worst)
        return Fault(
            kind="bars missing inside sessions",
            lines=[],
            found=f"{len(self.missing):,} sessions with gaps, most in those with a gap at {shown}",
            expected="a bar for every step of a session (no trade, or a hole of the source)",
            severity="warning",
            total=sum(self.missing.values()),
        )

    def _holes_fault(self) -> Fault:
        longest = sorted(self.holes, key=lambda hole: hole[0] - hole[1])[:SHOWN_LINES]
        shown = "; ".join(f"{(stop - start) / DAY_NS:.0f} days from {_when(start)}" for start, stop in longest)
        return Fault(
            kind=f"holes of more than {LONG_HOLE.days} days",
            lines=[],
            found=shown,
            expected="no longer gap than a weekend with holidays: the dates are not contiguous",
            severity="warning",
            total=len(self.holes),
        )

    def _calendar_faults(self, part: QualityPart) -> list[Fault]:
        calendar = part.context.calendar
        assert calendar is not None
        missing = calendar.sessions_without_bars(np.concatenate(self.times))
        if not len(missing):
            return []
        shown = ", ".join(_when(int(start)) for start in missing[:SHOWN_LINES])
        more = f" and {len(missing) - SHOWN_LINES:,} more" if len(missing) > SHOWN_LINES else ""
        return [
            Fault(
                kind=f"sessions of {calendar.name} without bars",
                lines=[],
                found=f"none from {shown}{more}",
                expected="bars in every session between the first and the last",
                severity="warning",
                total=len(missing),
            )
        ]


def _session_starts(part: QualityPart) -> np.ndarray:
    if part.context.daily:
        return part.frame["known_at"].cast(pl.Int64).to_numpy() - 1
    starts: np.ndarray = part.time_N[~part.same_N("session")]
    return starts


def _when(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns / 1e9, UTC):%Y-%m-%d %H:%M}"
