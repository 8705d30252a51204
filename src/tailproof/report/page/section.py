"""What a page is made of, before it is HTML or Markdown."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tailproof.report.figures.chart import Chart


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A table's cell: its text, and what it is sorted by where that is not the text."""

    text: str
    order: float | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with one plain sentence on how to read it."""

    key: str
    title: str
    reading: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part of the page; a section without content is not shown."""

    key: str
    title: str
    lead: str = ""
    """One or two plain sentences; text from data may stand in it."""
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = field(default=())
    code: str = ""

    @property
    def filled(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.charts or self.tables or self.notes or self.code)


def text(value: object) -> Cell:
    """A cell of plain text."""
    return Cell(text=str(value))


def p_value(value: float) -> Cell:
    """A cell of a p-value, never a round zero.

    >>> p_value(0.0002).text, p_value(0.05).text
    ('< 0.001', '0.050')
    """
    return Cell(text="< 0.001", order=value) if value < 0.001 else figure(value, ".3f")


def figure(value: float, form: str, *, unit: str = "") -> Cell:
    """A cell of a number in a format, sorted by its value; a dash where there is none.

    >>> figure(0.0301, "+.4f").text, figure(float("nan"), ".2f").text
    ('+0.0301', '–')
    """
    if not math.isfinite(value):
        return Cell(text="–", order=-math.inf)
    shown = format(value, form)
    return Cell(text=shown.replace("-", "−") + unit, order=value)
