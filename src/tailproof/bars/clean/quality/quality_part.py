"""A stretch of bars as a check sees it: arrays, and enough earlier rows to judge its first rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Protocol

import numpy as np
import polars as pl

from tailproof.arrays.times import to_nanoseconds
from tailproof.bars.faults import SHOWN_LINES, Fault
from tailproof.bars.read.table_plan import LINE, SOURCE
from tailproof.bars.sessions.calendars import TradingCalendar


@dataclass(frozen=True, kw_only=True)
class Context:
    """Facts that hold for all bars of a source."""

    bar_length: timedelta
    dates: bool
    """Whether the bars are days or longer, and named by dates alone."""
    timezone: str
    naive: bool
    """Whether the file's times named no instant, so that the time zone of the options was taken."""
    calendar: TradingCalendar | None
    files: tuple[str, ...]
    session_gap: timedelta | None = None
    """A longer gap is a break; None takes the rule of ``SessionMarker``."""

    @property
    def bar_ns(self) -> int:
        """Length of a bar in nanoseconds."""
        return to_nanoseconds(self.bar_length)

    @property
    def daily(self) -> bool:
        """Whether a bar is a day or longer."""
        return self.bar_length >= timedelta(days=1)


@dataclass(frozen=True)
class QualityPart:
    """Rows ``lead`` and later are new; the rows before were seen already."""

    frame: pl.DataFrame
    lead: int
    context: Context
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def array(self, name: str) -> np.ndarray:
        """A column as NumPy array, put together when it is first asked for."""
        known = self.arrays.get(name)
        if known is None:
            chunks = self.frame[name].get_chunks()
            known = self.arrays[name] = np.concatenate([chunk.to_numpy() for chunk in chunks])
        return known

    @cached_property
    def time_N(self) -> np.ndarray:
        """Bar starts, int64 ns UTC."""
        return self.array("time").view(np.int64)

    @cached_property
    def step_N(self) -> np.ndarray:
        """Nanoseconds since the row before; 0 for the very first row."""
        return _differences(self.time_N)

    @cached_property
    def same_segment_N(self) -> np.ndarray:
        """Whether the row before is in the same segment."""
        return self.same_N("segment")

    @cached_property
    def same_close_N(self) -> np.ndarray:
        """Whether the row before has the same close."""
        return self.same_N("close")

    def same_N(self, name: str) -> np.ndarray:
        """Whether the row before has the same number in a column; False for the very first row, and for NaN."""
        value_N = self.array(name)
        same_N = np.zeros(len(value_N), dtype=bool)
        np.equal(value_N[1:], value_N[:-1], out=same_N[1:])
        return same_N

    @cached_property
    def return_N(self) -> np.ndarray:
        """Logarithm of close over the close before, across whatever lies between; 0 for the first row of all.

        Prices of 0 or below, as difference adjustment makes them, have no logarithm and are taken as 1."""
        close_N = self.array("close")
        return _differences(np.log(np.where(close_N > 0, close_N, 1.0)))

    @cached_property
    def size_N(self) -> np.ndarray:
        """Absolute returns."""
        size_N: np.ndarray = np.abs(self.return_N)
        return size_N

    def fault(self, kind: str, rows: np.ndarray, *, found: str, expected: str) -> Fault:
        """A warning about ``rows`` (indices into this part)."""
        first = self.frame[rows[:SHOWN_LINES].tolist()]
        return Fault(
            kind=kind,
            lines=first[LINE].to_list(),
            found=found,
            expected=expected,
            severity="warning",
            file=self.context.files[first[SOURCE][0]],
            times=tuple(f"{time:%Y-%m-%d %H:%M:%S}" for time in first["time"].dt.cast_time_unit("us")),
            total=len(rows),
        )


class Check(Protocol):
    """Looks at all parts in order, then reports its findings."""

    def see(self, part: QualityPart) -> None:
        """Take in a part."""

    def faults(self) -> list[Fault]:
        """Warnings."""

    def notes(self) -> list[str]:
        """Sentences for the log."""


def _differences(value_N: np.ndarray) -> np.ndarray:
    """Each number less the one before; 0 for the first."""
    difference_N = np.zeros_like(value_N)
    np.subtract(value_N[1:], value_N[:-1], out=difference_N[1:])
    return difference_N
