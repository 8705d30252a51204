"""Where an axis is marked, and how its values are written."""

from __future__ import annotations

import math

import numpy as np

from tailproof.arrays.ranges import ceil_div
from tailproof.arrays.times import as_datetimes
from tailproof.report.figures.chart import Scale

NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)


def number_ticks(low: float, high: float, *, wanted: int = 5, whole: bool = False) -> np.ndarray:
    """Round values inside the range, about as many as wanted, three at least; ``whole`` for what is counted.

    >>> number_ticks(0.0, 1.0).tolist(), number_ticks(-0.7, 1.8).tolist()
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [-0.5, 0.0, 0.5, 1.0, 1.5])
    """
    step = nice_step((high - low) / wanted)
    while True:
        step = max(1.0, round(step)) if whole else step
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first >= 2 or (whole and step == 1.0):
            return np.array([round(index * step, 12) for index in range(first, last + 1)])
        step = nice_step(step / 2.0)


def nice_step(rough: float) -> float:
    """The round step (1, 2, 2.5 or 5 times a power of ten) at or above a rough one."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(nice * power for nice in NICE if nice * power >= rough * (1.0 - 1e-9))


def time_ticks(low: float, high: float, *, wanted: int = 4) -> tuple[np.ndarray, list[str]]:
    """Calendar positions (nanoseconds UTC) and their names.

    >>> time_ticks(0.0, 400.0 * 86_400e9)[1]
    ['Jan 1970', 'Jul 1970', 'Jan 1971']
    """
    first, last = (np.datetime64(int(edge), "ns") for edge in (low, high))
    span = int(last.astype("datetime64[M]").astype(int) - first.astype("datetime64[M]").astype(int))
    if span < 2:
        return _day_ticks(first, last, wanted=wanted)
    step = next((step for step in MONTH_STEPS if span / step <= wanted), MONTH_STEPS[-1])
    begin = ceil_div(int(first.astype("datetime64[M]").astype(int)), step) * step
    every_K = np.arange(begin, int(last.astype("datetime64[M]").astype(int)) + 1, step).astype("datetime64[M]")
    inside_K = every_K[(as_datetimes(every_K) >= first) & (as_datetimes(every_K) <= last)]
    form = "%Y" if step >= 12 else "%b %Y"
    return as_datetimes(inside_K).astype(float), [each.item().strftime(form) for each in inside_K]


def _day_ticks(first: np.datetime64, last: np.datetime64, *, wanted: int) -> tuple[np.ndarray, list[str]]:
    start, stop = first.astype("datetime64[D]"), last.astype("datetime64[D]")
    step = max(1, ceil_div(int((stop - start).astype(int)), wanted))
    days = np.arange(start + 1, stop + 1, step)
    return as_datetimes(days).astype(float), [f"{day.item():%b} {day.item().day}" for day in days]


def written(value: float, scale: Scale, *, step: float) -> str:
    """A value as text with the decimals that a step of its axis needs.

    >>> written(0.02, "signed", step=0.01), written(0.001, "percent", step=0.0005), written(-0.5, "number", step=0.1)
    ('+0.02', '0.10', '−0.5')
    """
    if not math.isfinite(value):
        return "–"
    if scale == "time":
        return f"{np.datetime64(int(value), 'ns').astype('datetime64[m]').item():%Y-%m-%d %H:%M}"
    share = scale in ("percent", "signed percent")
    shown, unit = (value * 100.0, step * 100.0) if share else (value, step)
    decimals = max(0, -math.floor(math.log10(unit) + 1e-9)) if unit > 0.0 else 0
    if round(unit * 10**decimals, 6) != round(unit * 10**decimals):
        decimals += 1
    sign = "+" if scale.startswith("signed") and round(shown, decimals) != 0.0 else ""
    text = f"{shown:{sign},.{decimals}f}"
    return text.replace("-", "−") if round(shown, decimals) != 0.0 else text.lstrip("-")
