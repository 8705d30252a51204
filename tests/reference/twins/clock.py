"""The clock of New York, by the standard library's time zones, and the VIX."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from tests.reference.twins.columns import Columns, before, twin, windows
from tests.reference.twins.volatility import realised


def week_minute(columns: Columns) -> np.ndarray:
    """Minutes since Monday midnight in New York."""
    return np.array([wall.weekday() * 1440 + wall.hour * 60 + wall.minute for wall in columns.wall_N])


def day_minute(columns: Columns) -> np.ndarray:
    return columns.minute_N


def wave(function: Callable, clock: Callable[[Columns], np.ndarray], minutes: int) -> Callable:
    return lambda columns, harmonic: function(2.0 * np.pi * harmonic * clock(columns) / minutes)


twin("day_sin_#")(wave(np.sin, day_minute, 1440))
twin("day_cos_#")(wave(np.cos, day_minute, 1440))
twin("week_sin_#")(wave(np.sin, week_minute, 10080))
twin("week_cos_#")(wave(np.cos, week_minute, 10080))


def of_the_cash_session(value: Callable[[int], float], otherwise: float) -> Callable[[Columns], np.ndarray]:
    """A function of the minutes since 9:30 for bars complete after it and by 16:00, else a constant."""
    return lambda columns: np.array(
        [value(minute - 570) if 570 < minute <= 960 else otherwise for minute in columns.minute_N], dtype=float
    )


twin("minutes_since_open")(of_the_cash_session(lambda minute: minute, 0.0))
twin("minutes_to_close")(of_the_cash_session(lambda minute: 390 - minute, 390.0))
twin("opening_half_hour")(of_the_cash_session(lambda minute: minute <= 30, 0.0))
twin("closing_half_hour")(of_the_cash_session(lambda minute: minute > 360, 0.0))
twin("bars_since_break")(lambda columns: np.log(np.arange(1, len(columns) + 1)))
twin("vix_log")(lambda columns: np.log(columns.vix_N) - np.log(20.0))
twin("vix_change_#")(lambda columns, bars: np.log(columns.vix_N) - np.log(before(columns.vix_N, bars)))
twin("vix_gap_#")(lambda columns, bars: columns.vix_N / windows(columns.vix_N, bars).mean(axis=1) - 1.0)
twin("vix_age")(lambda columns: np.log1p(columns.age_N))


@twin("vix_to_realised_#")
def vix_to_realised(columns: Columns, bars: int) -> np.ndarray:
    return np.log(columns.vix_N / 100.0) - np.log(np.maximum(realised(columns, bars), 1e-8))
