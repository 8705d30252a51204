"""Whether a file holds several instruments, whose rows must never be mixed, or one that rolls through contracts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import PurePath

import numpy as np
import polars as pl

from tailproof.bars.faults import Fault
from tailproof.core.errors import DataError
from tailproof.core.surface import setting

SHOWN_NAMES = 5
MAX_NAMES = 10_000
MAX_RETURNS = 0.02
"""Share of the rows; a name that comes back more often than this is not that of a contract near its roll."""


@dataclass
class _Column:
    """The observations of one column of names."""

    names: dict[str, None] = field(default_factory=dict)
    last: str | None = None
    changes: int = 0
    back: int = 0
    """Changes at which time does not advance as it does between rows of one name."""


@dataclass
class InstrumentSurvey:
    """Looks at the names of instruments beside the times, in the order of the file, before any repair."""

    columns: dict[str, _Column] = field(default_factory=dict)
    rows: int = 0
    direction: int = 0
    """Rising less falling steps between rows of one name."""
    last_ns: int | None = None

    def see(self, frame: pl.DataFrame, names: Sequence[str]) -> None:
        """Take in the next rows."""
        if not names or not frame.height:
            return
        time_N = frame["time"].cast(pl.Int64).fill_null(0).to_numpy()
        step_N = np.diff(time_N, prepend=time_N[0] if self.last_ns is None else self.last_ns)
        self.last_ns = int(time_N[-1])
        self.rows += frame.height
        for name in names:
            self._see_names(frame[name], step_N, self.columns.setdefault(name, _Column()))

    def _see_names(self, cells: pl.Series, step_N: np.ndarray, column: _Column) -> None:
        change_N = cells.ne_missing(cells.shift()).to_numpy().copy()
        change_N[0] = bool(column.names) and cells[0] != column.last
        first = not column.names
        if len(column.names) < MAX_NAMES:
            column.names.update(dict.fromkeys(str(cell) for cell in cells.drop_nulls().unique(maintain_order=True)))
        column.last = cells[-1]
        column.changes += int(change_N.sum())
        inside_N = step_N[~change_N][1 if first else 0 :]
        self.direction += int((inside_N > 0).sum()) - int((inside_N < 0).sum())
        rising = self.direction >= 0
        column.back += int((step_N[change_N] <= 0).sum() if rising else (step_N[change_N] >= 0).sum())

    def fault(self) -> Fault | None:
        """The error of a file of several instruments."""
        for name, column in self.columns.items():
            count = len(column.names)
            returns = column.changes - (count - 1)
            if count > 1 and (column.back or returns > max(2 * count, MAX_RETURNS * self.rows)):
                shown = ", ".join(list(column.names)[:SHOWN_NAMES]) + (", …" if count > SHOWN_NAMES else "")
                first = next(iter(column.names))
                return Fault(
                    kind=f"column '{name}' holds {count:,} instruments ({shown})",
                    lines=[],
                    found="rows of several instruments in one file",
                    expected=f"the bars of one; {setting('instrument', first)} takes one of them",
                    total=self.rows,
                )
        return None

    def notes(self) -> list[str]:
        """The history of one instrument: its contracts."""
        return [
            f"'{name}' changes {column.changes:,} times ({', '.join(list(column.names)[:SHOWN_NAMES])}"
            f"{', …' if len(column.names) > SHOWN_NAMES else ''}): each change ends a segment."
            for name, column in self.columns.items()
            if column.changes
        ]


def labelled_series(labels: Mapping[str, tuple[str, ...]], rows: int) -> Fault | None:
    """The error of rows out of order that a column of an unknown name parts into several series."""
    for name, cells in labels.items():
        both = f"{setting('columns', f'symbol={name}')} {setting('instrument', cells[0])}"
        return Fault(
            kind=f"column '{name}' parts the rows into several series ({', '.join(cells)})",
            lines=[],
            found="times that start again where it changes",
            expected=f"the bars of one instrument; {both} takes one of them",
            total=rows,
        )
    return None


def rows_of(frame: pl.DataFrame, instrument: str, columns: Sequence[str]) -> pl.DataFrame:
    """The rows that belong to ``instrument`` according to one of the columns, regardless of case."""
    same = [pl.col(name).str.strip_chars().str.to_lowercase() == instrument.lower() for name in columns]
    return frame.filter(pl.any_horizontal(same).fill_null(value=False))


def refuse_absent(instrument: str, seen: Sequence[str], *, source: str) -> None:
    """Refuse an instrument that has no row in the file.

    Raises:
        DataError: it lists the first instruments that are there.
    """
    shown = ", ".join(list(seen)[:SHOWN_NAMES])
    raise DataError(
        f"{source}: there is no row of instrument {instrument!r}. Give {setting('instrument')} one of these: {shown}."
    )


def overlapping_files(labels: Sequence[str], spans: Mapping[int, tuple[int, int]]) -> Fault | None:
    """The error of files that share some times, and whose names differ in more than numbers."""
    ordered = sorted(spans, key=lambda source: spans[source])
    for before, after in pairwise(ordered):
        if spans[after][0] <= spans[before][1] and _letters(labels[before]) != _letters(labels[after]):
            names = list(dict.fromkeys(_instrument_of(labels[source]) for source in sorted(spans)))
            shown = ", ".join(names[:SHOWN_NAMES]) + (", …" if len(names) > SHOWN_NAMES else "")
            return Fault(
                kind=f"the files hold {len(names)} instruments ({shown})",
                lines=[],
                found=f"{labels[before]} and {labels[after]} lie at the same times",
                expected=f"the files of one instrument; {setting('instrument', names[0])} takes those of one",
                total=len(names),
            )
    return None


def _instrument_of(label: str) -> str:
    """The instrument in a file's name: AAPL for AAPL.csv and for symbol=AAPL/part-0.parquet."""
    values = [part.rpartition("=")[2] for part in PurePath(label).parts if "=" in part and not part[-1].isdigit()]
    return values[0] if values else PurePath(label).name.split(".")[0]


def _letters(label: str) -> str:
    """The part of a file's name other than numbers and months."""
    return re.sub(r"[^a-z]+|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|year|month|day|part", "", label.lower())
