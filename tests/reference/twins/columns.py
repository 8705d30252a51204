"""The columns of some bars as plain arrays, and the register of twins."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from tailproof.core.records import Bars

NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, kw_only=True, eq=False)
class Columns:
    """Bars, or one segment of them; VIX columns are NaN where the bars have none."""

    open_N: np.ndarray
    high_N: np.ndarray
    low_N: np.ndarray
    close_N: np.ndarray
    volume_N: np.ndarray
    vix_N: np.ndarray
    age_N: np.ndarray
    """Hours since the VIX was published."""
    time_N: np.ndarray
    """Seconds since 1970 at which the bar starts."""
    known_N: np.ndarray
    """And at which it is complete."""
    session_N: np.ndarray
    segment_N: np.ndarray

    def __len__(self) -> int:
        return len(self.close_N)

    def at(self, row_R: np.ndarray) -> Columns:
        return replace(self, **{field.name: getattr(self, field.name)[row_R] for field in fields(self)})

    @cached_property
    def typical_N(self) -> np.ndarray:
        return (self.high_N + self.low_N + self.close_N) / 3.0

    @cached_property
    def return_N(self) -> np.ndarray:
        return self.close_N / before(self.close_N, 1) - 1.0

    @cached_property
    def log_return_N(self) -> np.ndarray:
        return np.log(self.close_N) - np.log(before(self.close_N, 1))

    @cached_property
    def wall_N(self) -> list[datetime]:
        """The clock in New York when each bar is complete."""
        return [datetime.fromtimestamp(int(second), UTC).astimezone(NEW_YORK) for second in self.known_N]

    @cached_property
    def minute_N(self) -> np.ndarray:
        return np.array([wall.hour * 60 + wall.minute for wall in self.wall_N])


Twin = Callable[..., np.ndarray]
"""From the columns and the numbers in the feature's name to its values, NaN where they are not known."""
INSIDE: dict[str, Twin] = {}
"""Called once a segment."""
ACROSS: dict[str, Twin] = {}
"""Called once for all bars."""


def twin(key: str, register: dict[str, Twin] = INSIDE) -> Callable[[Twin], Twin]:
    """Registers a twin under the names of its features, their numbers replaced: ``rsi_#``."""

    def keep(function: Twin) -> Twin:
        assert key not in INSIDE | ACROSS, key
        register[key] = function
        return function

    return keep


def key_and_numbers(name: str) -> tuple[str, list[int]]:
    """``autocorr_#_#`` and ``[1, 60]`` of ``autocorr_1_60``."""
    return re.sub(r"_\d+", "_#", name), [int(number) for number in re.findall(r"_(\d+)", name)]


def values_of(name: str, columns: Columns) -> np.ndarray:
    """The twin's values for a feature on the bars' own length."""
    key, numbers = key_and_numbers(name)
    if key in ACROSS:
        return ACROSS[key](columns, *numbers)
    out_N = np.full(len(columns), np.nan)
    for segment in np.unique(columns.segment_N):
        row_R = np.flatnonzero(columns.segment_N == segment)
        out_N[row_R] = INSIDE[key](columns.at(row_R), *numbers)
    return out_N


def columns_of(bars: Bars) -> Columns:
    frame = bars.frame
    nothing_N = np.full(len(bars), np.nan)

    def column(name: str) -> Any:
        return frame[name].to_numpy().astype(float) if name in frame.columns else nothing_N

    return Columns(
        open_N=column("open"),
        high_N=column("high"),
        low_N=column("low"),
        close_N=column("close"),
        volume_N=column("volume"),
        vix_N=column("vix_close"),
        age_N=column("vix_close_age_hours"),
        time_N=frame["time"].dt.epoch("s").to_numpy(),
        known_N=frame["known_at"].dt.epoch("s").to_numpy(),
        session_N=frame["session"].to_numpy(),
        segment_N=frame["segment"].to_numpy(),
    )


def before(values_N: np.ndarray, bars: int) -> np.ndarray:
    """Each value's predecessor so many bars before, NaN at the start."""
    bars = min(bars, len(values_N))
    return np.r_[np.full(bars, np.nan), values_N[: len(values_N) - bars]]


def windows(values_N: np.ndarray, bars: int) -> np.ndarray:
    """The last values of each row, one row of the result a bar; NaN stands before the first."""
    padded_N = np.r_[np.full(bars - 1, np.nan), values_N]
    return np.lib.stride_tricks.sliding_window_view(padded_N, bars)


def quotient(numerator: np.ndarray, denominator: np.ndarray, *, least: float, rest: float = 0.0) -> np.ndarray:
    """Their quotient, or ``rest`` where the denominator is below ``least``."""
    known_N = ~(np.isnan(numerator) | np.isnan(denominator))
    small_N = np.nan_to_num(denominator) < least
    divided_N = numerator / np.where(small_N, 1.0, denominator)
    return np.where(known_N, np.where(small_N, rest, divided_N), np.nan)


def smoothed(values_N: np.ndarray, *, period: int, weight: float, first: int) -> np.ndarray:
    """Mean of the ``period`` values up to row ``first``, from there m += weight (value - m)."""
    out_N = np.full(len(values_N), np.nan)
    if first >= len(values_N):
        return out_N
    mean = float(np.mean(values_N[first - period + 1 : first + 1]))
    out_N[first] = mean
    for row in range(first + 1, len(values_N)):
        mean = mean + weight * (values_N[row] - mean)
        out_N[row] = mean
    return out_N
