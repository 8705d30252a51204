"""Names for the columns of a file without a header, found from the values; refused where two readings are possible."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tailproof.bars.read.number_format import number_format
from tailproof.bars.read.time_format import parse_times, recognise_time
from tailproof.core.errors import DataError
from tailproof.core.records import PRICES
from tailproof.core.surface import setting

MIN_ROWS = 5
CLEAR = 3.0
"""Standard errors by which closes must be nearer to the next opens than opens to the next closes."""
DAY_MS = 86_400_000
CLOCK = r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?|\d{6}|\d{3,4}"


@dataclass(frozen=True, kw_only=True)
class FoundNames:
    """A name for each column, and how they were found."""

    names: tuple[str, ...]
    note: str


def find_names(
    rows: Sequence[Sequence[str]], *, source: str, decimal_comma: bool, day_first: bool, dated: bool = False
) -> FoundNames:
    """Names of all columns from rows of cells.

    The time is the column that rises (or falls) with every row; the prices are four columns of which one is never below
    and one never above the others; of the two between, that is the close which the next row's other begins at.

    Args:
        rows: equally long rows of cells, in the order of the file.
        source: for messages.
        decimal_comma: whether 1,5 means 1.5.
        day_first: whether 1/3/2024 is the first of March.
        dated: whether the name of the file holds a date, so that the times may be milliseconds of that day.

    Raises:
        DataError: the columns are not known from their values; it holds the option that names them.
    """
    table = _NamelessTable(rows, decimal_comma=decimal_comma, day_first=day_first, dated=dated)
    time = table.time_columns()
    if time is None:
        raise _refused(source, rows, "no column of rising times was found")
    if len(rows) < MIN_ROWS:
        raise _refused(source, rows, "there are too few rows")
    numbers = table.numbers_in_time_order(time)
    behind_time = {at: value_N for at, value_N in numbers.items() if at > max(time.names)}
    prices = _prices(behind_time)
    if isinstance(prices, str):
        raise _refused(source, rows, prices, time=sorted(time.names))
    named = {**time.names, **{at: price for price, at in prices.items()}}
    volume = _volume(behind_time, prices)
    if volume is not None:
        named[volume] = "volume"
    label = next((at for at in range(min(time.names)) if at not in numbers), None)
    if label is not None:
        named[label] = "symbol"
    meanings = ", ".join(f"column {at + 1} is {named[at]}" for at in sorted(named))
    return FoundNames(
        names=tuple(named.get(at, f"column_{at + 1}") for at in range(table.width)),
        note=f"There is no header line; from the values, {meanings}.",
    )


@dataclass(frozen=True, kw_only=True)
class _TimeColumns:
    """The columns that hold the time of each row."""

    names: dict[int, str]
    """Place of each column to its name: one time, or a date and the time of day."""
    falling: bool
    """Whether the newest row comes first."""


class _NamelessTable:
    """Rows of cells by column."""

    def __init__(self, rows: Sequence[Sequence[str]], *, decimal_comma: bool, day_first: bool, dated: bool) -> None:
        self.width = len(rows[0]) if rows else 0
        self.columns = [pl.Series([row[at].strip() for row in rows], dtype=pl.String) for at in range(self.width)]
        self.style = number_format(self.columns, decimal_comma=decimal_comma, marks=())
        self.day_first, self.dated = day_first, dated

    def numbers_in_time_order(self, time: _TimeColumns) -> dict[int, np.ndarray]:
        """The columns of numbers beside the time, by their place, the oldest row first."""
        columns = ((at, self.numbers(at)) for at in range(self.width) if at not in time.names)
        step = -1 if time.falling else 1
        return {at: value_N[::step] for at, value_N in columns if value_N is not None}

    def numbers(self, at: int) -> np.ndarray | None:
        """A column as numbers; None where a cell is none."""
        values, bad = self.style.read(self.columns[at])
        return None if bad.any() or values.null_count() else values.to_numpy()

    def time_columns(self) -> _TimeColumns | None:
        """The first column, or pair of columns next to each other, whose times rise or fall with every row."""
        for at in range(self.width):
            for clock in (None, at + 1 if at + 1 < self.width else None):
                falls = self._falls(at, clock)
                if falls is not None and (clock is None or self._is_clock(clock)):
                    return _TimeColumns(
                        names={at: "time"} if clock is None else {at: "date", clock: "time"}, falling=falls
                    )
        return None

    def _is_clock(self, at: int) -> bool:
        return all(re.fullmatch(CLOCK, cell) for cell in self.columns[at].to_list())

    def _falls(self, at: int, clock: int | None) -> bool | None:
        """Whether the times fall; None where they neither rise nor fall in every row."""
        cells = self.columns[at]
        if self.dated and clock is None and (number_N := self.numbers(at)) is not None and number_N.max() < DAY_MS:
            steps_N = np.diff(number_N)
            return False if len(steps_N) and (steps_N > 0).all() and (number_N % 1000 == 0).all() else None
        if clock is not None:
            cells = cells + " " + self.columns[clock].str.pad_start(4, "0")
        form = recognise_time(cells.to_list(), day_first=self.day_first)
        if form is None:
            return None
        times = parse_times(cells, form)
        if times.null_count():
            return None
        step_N = np.diff(times.cast(pl.Int64).to_numpy())
        if not len(step_N) or not ((step_N > 0).all() or (step_N < 0).all()):
            return None
        return bool(step_N[0] < 0)


def _volume(known: dict[int, np.ndarray], prices: dict[str, int]) -> int | None:
    """The column of the volume behind the prices; None where neither of the two next to them can be."""
    last = max(prices.values())
    behind = [at for at in sorted(known) if at > last and not _adds_up(known[at], known.get(at + 1))]
    volume = next((at for at in behind if (known[at] >= 0).all() and not _inside(known, prices, at)), None)
    return volume if volume is not None and volume <= last + 2 else None


def _adds_up(total_N: np.ndarray, volume_N: np.ndarray | None) -> bool:
    """Whether a column is the sum of the next one since a day began, as IQFeed has it."""
    if volume_N is None:
        return False
    step_N = np.diff(total_N)
    rises_N = step_N > 0
    return bool(rises_N.mean() > 1 / 2 and np.isclose(step_N, volume_N[1:])[rises_N].all())


def _prices(known: dict[int, np.ndarray]) -> dict[str, int] | str:
    """The columns of open, high, low and close, or why they are not known; values in the order of time."""
    columns = sorted(known)
    runs = [run for run in zip(columns, columns[1:], columns[2:], columns[3:], strict=False) if run[3] - run[0] == 3]
    for run in runs:
        order = _of_four({at: known[at] for at in run})
        if order is None:
            continue
        high, low, *ends = order
        open_at, close_at = _in_time(known, *ends)
        if open_at is None or close_at is None:
            return f"open and close could be exchanged (columns {ends[0] + 1} and {ends[1] + 1})"
        return {"open": open_at, "high": high, "low": low, "close": close_at}
    return "no four columns next to each other keep low <= open, close <= high in every row"


def _of_four(value_C: dict[int, np.ndarray]) -> tuple[int, int, int, int] | None:
    """The highest, the lowest and the two others; None where no column is always the highest or the lowest."""
    stacked = np.stack(list(value_C.values()))
    if (stacked <= 0).any():
        return None
    top_N, bottom_N = stacked.max(axis=0), stacked.min(axis=0)
    highs = [at for at, value_N in value_C.items() if np.array_equal(value_N, top_N)]
    lows = [at for at, value_N in value_C.items() if np.array_equal(value_N, bottom_N)]
    if len(highs) != 1 or len(lows) != 1 or highs == lows or (top_N > 20 * bottom_N).any():
        return None
    others = [at for at in value_C if at not in (highs[0], lows[0])]
    return highs[0], lows[0], others[0], others[1]


def _in_time(known: dict[int, np.ndarray], first: int, second: int) -> tuple[int | None, int | None]:
    """Which of two columns is the open: the close before is nearer to it than it is to the close after."""
    forward_N = np.abs(known[first][1:] - known[second][:-1])
    backward_N = np.abs(known[second][1:] - known[first][:-1])
    wins, losses = int((forward_N < backward_N).sum()), int((forward_N > backward_N).sum())
    margin = CLEAR * max(wins + losses, 1) ** 0.5
    if wins - losses > margin:
        return first, second
    if losses - wins > margin:
        return second, first
    return None, None


def _inside(known: dict[int, np.ndarray], prices: dict[str, int], at: int) -> bool:
    """Whether a column lies between low and high in every row: an average price."""
    low_N, high_N = known[prices["low"]], known[prices["high"]]
    return bool(((known[at] >= low_N) & (known[at] <= high_N)).all())


def _refused(source: str, rows: Sequence[Sequence[str]], why: str, *, time: Sequence[int] = ()) -> DataError:
    """The error with a list of names to begin with: the times where they were found, then prices or quotes."""
    width = len(rows[0]) if rows else 0
    places = dict(zip(time or (0,), ("date", "time") if len(time) > 1 else ("time",), strict=True))
    free = [at for at in range(width) if at not in places and not (time and _is_text(row[at] for row in rows))]
    prices = PRICES if len(free) >= len(PRICES) or not time else ("bid", "ask")
    places |= dict(zip(free, (*prices, "volume"), strict=False))
    places |= {0: "symbol"} if time and 0 not in places else {}
    names = [places.get(at, f"column_{at + 1}") for at in range(width)]
    return DataError(
        f"{source}: line 1 is data, not a header ({','.join(rows[0])[:60]!r}), and {why}. Name the columns in their "
        f"order, such as {setting('header', ','.join(names))}, or put a line of names above it."
    )


def _is_text(cells: Iterable[str]) -> bool:
    return all(re.match(r"\s*[^\W\d]", cell) for cell in cells)
