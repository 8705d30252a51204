"""A survey of the times of all rows: how long a bar is, and whether bars are named by dates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import polars as pl

from tailproof.arrays.times import DAY_NS
from tailproof.bars.read.utc_times import on_weekends
from tailproof.bars.sessions.bar_length import TimeStepCounter
from tailproof.bars.sessions.known_at import named_by_dates


@dataclass
class TimeSurvey:
    """Counts chunk by chunk; the chunks are in time order."""

    steps: TimeStepCounter = field(default_factory=TimeStepCounter)
    rows: int = 0
    first_ns: int = 0
    last_ns: int = 0
    dates: int = 0
    """Days of UTC that hold a bar."""
    midnights: bool = True
    """Whether every bar starts at midnight UTC."""
    weekends: bool = False
    """Whether every bar starts at midnight and one of them on a Saturday or Sunday."""

    below_zero: int = 0
    """Bars with a price of 0 or below."""

    def see(self, frame: pl.DataFrame) -> None:
        """Take in the next rows."""
        time_N = frame["time"].cast(pl.Int64).to_numpy()
        day_N = time_N // DAY_NS
        last_day = self.last_ns // DAY_NS if self.rows else None
        self.first_ns = self.first_ns if self.rows else int(time_N[0])
        self.rows += len(time_N)
        self.last_ns = int(time_N[-1])
        self.steps.see(time_N)
        lowest = frame["low"].min() if "low" in frame.columns else None
        if isinstance(lowest, float) and lowest <= 0:
            self.below_zero += int((frame["low"] <= 0).sum())
        self.midnights = self.midnights and not (time_N % DAY_NS).any()
        self.weekends = self.weekends or (self.midnights and on_weekends(day_N))
        self.dates += int((day_N[1:] != day_N[:-1]).sum()) + (int(day_N[0]) != last_day)

    @property
    def bar_length(self) -> timedelta:
        """The most common step."""
        return self.steps.bar_length

    @property
    def named_by_dates(self) -> bool:
        """Whether the bars are named by dates alone: see ``known_at``."""
        return named_by_dates(self.bar_length, midnights=self.midnights, weekends=self.weekends)

    @property
    def first(self) -> datetime:
        """When the first bar starts."""
        return datetime.fromtimestamp(self.first_ns // 10**9, UTC)

    @property
    def last(self) -> datetime:
        """When the last bar starts."""
        return datetime.fromtimestamp(self.last_ns // 10**9, UTC)

    @property
    def span(self) -> tuple[date, date]:
        """The first and the last date in UTC."""
        return self.first.date(), self.last.date()
