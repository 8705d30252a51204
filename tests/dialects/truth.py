"""Bars whose values are known: what every vendor's file of this folder is written from."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar; ``time`` is its start in UTC."""

    time: datetime
    open: float
    high: float
    low: float
    close: float
    volume: int

    @property
    def new_york(self) -> datetime:
        """The start on the clocks of New York."""
        return self.time.astimezone(NEW_YORK)

    @property
    def ms(self) -> int:
        """Milliseconds since 1970."""
        return int(self.time.timestamp()) * 1000


def _walk(times: list[datetime], *, price: float, seed: int) -> list[Bar]:
    source = random.Random(seed)
    bars, before = [], price
    for time in times:
        start = round(before + source.gauss(0, 0.0001) * price, 2)
        end = round(start + source.gauss(0, 0.0015) * price, 2)
        high = round(max(start, end) + abs(source.gauss(0, 0.0008)) * price, 2)
        low = round(min(start, end) - abs(source.gauss(0, 0.0008)) * price, 2)
        bars.append(Bar(time=time, open=start, high=high, low=low, close=end, volume=source.randint(100, 90_000)))
        before = end
    return bars


def minutes(count: int = 120, *, price: float = 472.65) -> list[Bar]:
    """Minutes of 2 January 2024 from 09:30 New York."""
    first = datetime(2024, 1, 2, 14, 30, tzinfo=UTC)
    return _walk([first + timedelta(minutes=at) for at in range(count)], price=price, seed=1)


def days(count: int = 90, *, price: float = 4742.83) -> list[Bar]:
    """Weekdays from 2 January 2024, each named by its date at midnight UTC."""
    first = datetime(2024, 1, 2, tzinfo=UTC)
    dates = [first + timedelta(days=at) for at in range(2 * count)]
    return _walk([date for date in dates if date.weekday() < 5][:count], price=price, seed=2)


def hours(count: int = 100, *, price: float = 42_000.5) -> list[Bar]:
    """Hours of a market that never closes, from 2 January 2024 00:00 UTC."""
    first = datetime(2024, 1, 2, tzinfo=UTC)
    return _walk([first + timedelta(hours=at) for at in range(count)], price=price, seed=3)
