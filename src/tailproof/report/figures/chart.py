"""The content of a figure before it is drawn: data, axes with units, and how to read it.

A ``Chart`` knows nothing of SVG or plotly; both are drawn from it, so that a page and a notebook show the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

MarkRole = Literal["result", "thin", "beside", "other", "third", "fourth", "fifth"]
"""``result`` the run itself, ``thin`` one of many members, ``beside`` what it is compared with, four more colours."""
Scale = Literal["number", "percent", "signed", "signed percent", "time", "category"]


@dataclass(frozen=True, kw_only=True)
class Axis:
    """The quantity of an axis, with its unit."""

    label: str
    scale: Scale = "number"
    """``percent`` values are shares (0.01 is shown as 1 %); ``time`` values are int64 nanoseconds UTC."""
    categories: tuple[str, ...] = ()
    """Names of the positions 0, 1, ... of a ``category`` axis; text from data, shown as it is."""
    low: float | None = None
    high: float | None = None
    """Ends of the axis where the data should not choose them."""
    whole: bool = False
    """Whether values are counts or numbers of things, so that fractions are not marked."""


@dataclass(frozen=True, kw_only=True)
class _Named:
    """The parts of every mark: a name for the legend, and a role."""

    name: str
    role: MarkRole = "result"


@dataclass(frozen=True, kw_only=True)
class Line(_Named):
    """Points joined in order; NaN breaks the line."""

    x_K: np.ndarray
    y_K: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Band(_Named):
    """The room between two lines."""

    x_K: np.ndarray
    low_K: np.ndarray
    high_K: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Dots(_Named):
    """Points, each with an interval where ``low_K`` and ``high_K`` are given, on the value axis."""

    x_K: np.ndarray
    y_K: np.ndarray
    low_K: np.ndarray | None = None
    high_K: np.ndarray | None = None


@dataclass(frozen=True, kw_only=True)
class Columns(_Named):
    """Bars standing on zero, from ``left_K`` to ``right_K``."""

    left_K: np.ndarray
    right_K: np.ndarray
    height_K: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Rule(_Named):
    """A straight line across the figure at one value."""

    value: float
    across: Literal["x", "y"] = "y"
    """``y``: horizontal, at a value of the y axis."""
    role: MarkRole = "beside"


Mark = Line | Band | Dots | Columns | Rule


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One figure.

    Where ``y`` is a category axis, ``Dots`` are horizontal: positions in ``y_K``, values and intervals along x.
    """

    key: str
    title: str
    reading: str
    """One plain sentence on how to read it."""
    limits: str
    """One plain sentence on what it does not show."""
    x: Axis
    y: Axis
    marks: tuple[Mark, ...]

    @property
    def horizontal(self) -> bool:
        """Whether intervals lie along x."""
        return self.y.scale == "category"
