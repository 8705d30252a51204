"""Trading sessions by the name of an exchange calendar of pandas-market-calendars."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from tailproof.arrays.times import as_datetimes
from tailproof.core.errors import ConfigError
from tailproof.core.extras import extra
from tailproof.core.surface import setting

US_FUTURES = ("CME", "CBOE", "ICE", "CFE")
REGULAR_US = "XNYS"
"""US index futures trade around the clock; their regular hours are those of the New York Stock Exchange."""


@dataclass(frozen=True, kw_only=True)
class TradingCalendar:
    """Opening and closing instants (int64 ns UTC) of the sessions of a span, ascending."""

    name: str
    open_S: np.ndarray
    close_S: np.ndarray
    regular_open_S: np.ndarray
    regular_close_S: np.ndarray

    def session_number(self, time_N: np.ndarray) -> np.ndarray:
        """The session that a time lies in or is nearest to: between two sessions the middle of the pause divides."""
        middle_S = self.close_S[:-1] + (self.open_S[1:] - self.close_S[:-1]) // 2
        number_N: np.ndarray = np.searchsorted(middle_S, time_N, side="right").astype(np.int32)
        return number_N

    def is_open(self, time_N: np.ndarray, *, bar_ns: int) -> np.ndarray:
        """Whether the exchange trades during any part of the bar that starts at a time."""
        first_N = _inside(time_N, self.open_S, self.close_S)
        last_N = _inside(time_N + bar_ns - 1, self.open_S, self.close_S)
        open_N: np.ndarray = np.logical_or(first_N, last_N)
        return open_N

    def is_regular(self, time_N: np.ndarray) -> np.ndarray:
        """Whether a time is in the regular (cash market) hours, else overnight or extended."""
        return _inside(time_N, self.regular_open_S, self.regular_close_S)

    def sessions_without_bars(self, time_N: np.ndarray) -> np.ndarray:
        """Opening instants of sessions between the first and last of ``time_N`` that hold none of them."""
        number_N = np.unique(self.session_number(time_N))
        all_S = np.arange(number_N[0], number_N[-1] + 1)
        missing_S = np.setdiff1d(all_S, number_N)
        missing: np.ndarray = self.open_S[missing_S]
        return missing


def load_calendar(name: str, *, first: date, last: date) -> TradingCalendar:
    """The calendar of an exchange over a span of dates and a week on either side.

    >>> from datetime import date
    >>> days = load_calendar("XNYS", first=date(2013, 11, 27), last=date(2013, 11, 29))
    >>> len(days.open_S)  # 13 weekdays, of which Thanksgiving is a holiday
    12

    Raises:
        ConfigError: there is no calendar of that name.
    """
    open_S, close_S = _hours(name, first, last)
    regular = REGULAR_US if name.upper().startswith(US_FUTURES) else name
    regular_open_S, regular_close_S = (open_S, close_S) if regular == name else _hours(regular, first, last)
    return TradingCalendar(
        name=name, open_S=open_S, close_S=close_S, regular_open_S=regular_open_S, regular_close_S=regular_close_S
    )


def _hours(name: str, first: date, last: date) -> tuple[np.ndarray, np.ndarray]:
    with extra("calendars", needed_by=setting("calendar")):
        import pandas_market_calendars  # type: ignore[import-untyped]

    known = pandas_market_calendars.get_calendar_names()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise ConfigError(
            f"there is no trading calendar '{name}'.{hint} pandas-market-calendars lists {len(known)} names."
        )
    calendar = pandas_market_calendars.get_calendar(name)
    days = calendar.schedule(first - timedelta(days=7), last + timedelta(days=7))
    return _nanoseconds(days["market_open"]), _nanoseconds(days["market_close"])


def _nanoseconds(instants: object) -> np.ndarray:
    values = np.asarray(instants.dt.tz_convert("UTC").dt.tz_localize(None))  # type: ignore[attr-defined]
    nanoseconds: np.ndarray = as_datetimes(values).astype(np.int64)
    return nanoseconds


def _inside(time_N: np.ndarray, open_S: np.ndarray, close_S: np.ndarray) -> np.ndarray:
    at_N = np.searchsorted(open_S, time_N, side="right") - 1
    inside: np.ndarray = (at_N >= 0) & (time_N < close_S[np.maximum(at_N, 0)])
    return inside
