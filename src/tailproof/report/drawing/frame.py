"""Maps values to places on the paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tailproof.report.drawing.axis_ticks import nice_step, number_ticks, written
from tailproof.report.figures.chart import Axis, Band, Chart, Columns, Dots, Line, Rule

WIDTH = 460
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 34, 48
"""Margins; the left one grows with what is written there."""
HEIGHT = 276
ROW, WIDE_ROW, FEW_ROWS = 27, 40, 4
"""Height of one name on a category axis, and where there are few names."""
ROW_TOP = 8
CHARACTER = 8.8
"""Room for one character of a name, as wide as a phone draws it."""
MIN_CHARACTERS, MAX_CHARACTERS = 6, 22
"""A short name may be of wide letters; longer ones are cut, and the pointer shows the whole name."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """One axis: the values at its two ends, and where these lie."""

    low: float
    high: float
    start: float
    stop: float

    def place(self, value: float) -> float:
        """Where a value lies, to a tenth of a unit."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.stop - self.start), 1)

    @property
    def step(self) -> float:
        """A round step that parts the axis about a hundred times: the precision worth writing."""
        return nice_step(abs(self.high - self.low) / 100.0)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The paper of one chart."""

    x: Span
    y: Span
    height: float

    @property
    def top(self) -> float:
        """Where the figure begins, below the name of its y axis."""
        return self.y.stop


def frame(chart: Chart) -> Frame:
    """Choose the ends of both axes from the marks, with a little room, and lay them on the paper."""
    top, left, height = float(TOP), float(LEFT), float(HEIGHT)
    if chart.horizontal:
        names = chart.y.categories
        row = ROW if len(names) > FEW_ROWS else WIDE_ROW
        top, height = ROW_TOP, ROW_TOP + BOTTOM + row * len(names)
        longest = max(len(name) for name in names)
        left = 12.0 + CHARACTER * min(max(longest, MIN_CHARACTERS), MAX_CHARACTERS)
    x_low, x_high = _ends(chart.x, np.concatenate(list(_values(chart, "x"))), padding=_padding(chart))
    if chart.horizontal:
        y_low, y_high = len(chart.y.categories) - 0.5, -0.5
    else:
        y_low, y_high = _ends(chart.y, np.concatenate(list(_values(chart, "y"))), padding=0.06)
        left = max(left, 10.0 + CHARACTER * max(map(len, y_names(float(y_low), float(y_high), chart.y)[1]), default=0))
    return Frame(
        x=Span(low=float(x_low), high=float(x_high), start=left, stop=WIDTH - RIGHT),
        y=Span(low=float(y_low), high=float(y_high), start=height - BOTTOM, stop=top),
        height=height,
    )


def y_names(low: float, high: float, axis: Axis) -> tuple[np.ndarray, list[str]]:
    """The marks of an upright axis, and their labels."""
    ticks = number_ticks(low, high, wanted=4)
    step = float(ticks[1] - ticks[0]) if len(ticks) > 1 else nice_step(abs(high - low) / 100.0)
    return ticks, [written(float(tick), axis.scale, step=step) for tick in ticks]


def _padding(chart: Chart) -> float:
    """Room left and right, so that dots do not lie on the border."""
    return 0.05 if any(isinstance(mark, Dots) for mark in chart.marks) else 0.0


def _ends(axis: Axis, value_K: np.ndarray, *, padding: float) -> tuple[float, float]:
    known_K = value_K[np.isfinite(value_K)]
    low = axis.low if axis.low is not None else float(known_K.min())
    high = axis.high if axis.high is not None else float(known_K.max())
    if high <= low:
        room = abs(low) * 0.1 or 1.0
        low, high = low - room, high + room
    room = (high - low) * padding
    return low - room * (axis.low is None), high + room * (axis.high is None)


def _values(chart: Chart, axis: str) -> Iterator[np.ndarray]:
    for mark in chart.marks:
        match mark:
            case Line():
                yield mark.x_K if axis == "x" else mark.y_K
            case Band():
                yield from ([mark.x_K] if axis == "x" else [mark.low_K, mark.high_K])
            case Columns():
                yield from ([mark.left_K, mark.right_K] if axis == "x" else [np.zeros(1), mark.height_K])
            case Rule():
                yield np.array([mark.value] if mark.across == axis else [])
            case Dots():
                yield mark.x_K if axis == "x" else mark.y_K
                along = "x" if chart.horizontal else "y"
                if axis == along and mark.low_K is not None and mark.high_K is not None:
                    yield from (mark.low_K, mark.high_K)
