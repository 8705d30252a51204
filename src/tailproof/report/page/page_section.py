"""The parts of a page, before they become HTML or Markdown."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tailproof.core.estimate import Estimate
from tailproof.report.figures.chart import Chart


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A table's cell: its text, and what it is sorted by where that is not the text."""

    text: str
    order: float | None = None
    """NaN where there is no value: such rows come last, whichever way a table is sorted."""
    whole: bool = False
    """Whether the text must stay on one line, as an interval or a date."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with one plain sentence on how to read it."""

    key: str
    title: str
    reading: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    wide: bool = False
    """Whether it takes the whole width; on a phone its cells stand below one another."""
    alone: bool = False
    """Whether no other table stands beside it, because its columns need the room."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part of the page; a section without content is not shown."""

    key: str
    title: str
    lead: str = ""
    """One or two plain sentences; text from data may stand in it."""
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    folded: tuple[Table, ...] = ()
    """Tables that a reader opens; on paper they are open."""
    notes: tuple[str, ...] = field(default=())
    notes_title: str = "What was assumed and counted"
    code: str = ""

    @property
    def filled(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.charts or self.tables or self.folded or self.notes or self.code)


def text(value: object, *, whole: bool = False) -> Cell:
    """A cell of plain text, broken over lines unless ``whole``."""
    return Cell(text=str(value), whole=whole)


def bounds(each: Estimate, form: str) -> Cell:
    """A cell of the interval of an estimate, sorted by its lower end; a dash where there is none.

    >>> bounds(Estimate(value=0.02, low=-0.01, high=0.05), "+.2f").text
    '−0.01 to +0.05'
    """
    if not each.bounded:
        return Cell(text="–", order=math.nan)
    ends = f"{figure(each.low, form).text} to {figure(each.high, form).text}"
    return Cell(text=ends, order=each.low, whole=True)


def p_value(value: float) -> Cell:
    """A cell of a p-value, never a round zero.

    >>> p_value(0.0002).text, p_value(0.05).text
    ('< 0.001', '0.050')
    """
    return Cell(text="< 0.001", order=value) if value < 0.001 else figure(value, ".3f")


def figure(value: float, form: str, *, unit: str = "") -> Cell:
    """A cell of a number in a format, sorted by its value; a dash where there is none.

    >>> figure(0.0301, "+.4f").text, figure(-0.00001, "+.4f").text, figure(float("nan"), ".2f").text
    ('+0.0301', '0.0000', '–')
    """
    if not math.isfinite(value):
        return Cell(text="–", order=math.nan)
    shown = format(value, form)
    if value <= 0.0 and not any(digit in shown for digit in "123456789"):
        shown = shown.lstrip("-+")  # rounded to zero: it has no sign
    return Cell(text=shown.replace("-", "−") + unit, order=value)
