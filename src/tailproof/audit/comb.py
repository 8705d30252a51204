"""A comb of replaced bars tests thousands of rows at once: each row right before a tooth must not change with it.

With a look-back of L bars, the bars of every tooth are replaced by noise, and L clean bars lie before the rows that
are compared. Shifting the comb puts every row before a tooth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from tailproof.audit.difference import FORGOTTEN, differing_rows, numbers
from tailproof.audit.noise import MARKS, spliced
from tailproof.audit.probe import stretch
from tailproof.core.records import Bars
from tailproof.features import CLOCK_COLUMNS, Feature, columns_read_by, compute, is_own

MAX_LOOK_BACK = 512
"""A longer look-back leaves too few rows to compare in one evaluation: such features are cut once in each segment."""
MAX_THREADS = 4
"""Shifts evaluated at a time: each holds a copy of the columns that its features read."""
OVERHEAD = 100_000
"""Values that could be computed in the time that one evaluation takes to begin."""
STACKED_ROWS = 150_000
"""Rows of one evaluation that may be filled with copies of few bars, each copy under a comb of its own."""
FARTHER = ((2, 6), (8, 24), (32, 96), (128, 384))
"""Further combs, ``(compared, replaced)``: together they replace every bar from the second to the 512th after a row."""


@dataclass(frozen=True, kw_only=True)
class Comb:
    """Teeth of ``replaced`` bars; ``compared`` rows precede each tooth, and ``look_back`` clean bars precede those."""

    look_back: int
    compared: int = 1
    replaced: int = 1

    @property
    def period(self) -> int:
        """Bars from one tooth to the next."""
        return self.look_back + self.compared + self.replaced

    @property
    def shifts(self) -> range:
        """Places of the first tooth with which every row is compared once."""
        return range(0, self.period, self.compared)


@dataclass(frozen=True, kw_only=True)
class CombClass:
    """Features that share a comb, wide enough for the longest look-back among them."""

    features: tuple[Feature, ...]
    look_back: int

    def cost(self, comb: Comb) -> int:
        """Values computed for each bar while every row is compared once."""
        return len(comb.shifts) * len(self.features)


def comb_classes(features: Sequence[Feature], look_back: Mapping[str, int], rows: int) -> list[CombClass]:
    """The partition by look-back that computes the fewest values.

    A shift of a comb costs its share of ``OVERHEAD`` and a value for each feature and row, so few bars share one comb,
    and many bars have one for each look-back.
    """
    ordered = sorted(features, key=lambda feature: look_back[feature.name])
    overhead = OVERHEAD // copies_of(features, rows)
    best: list[tuple[float, list[CombClass]]] = [(0.0, [])]
    for stop in range(1, len(ordered) + 1):
        choices = []
        longest = look_back[ordered[stop - 1].name]
        for start in range(stop):
            cost = (longest + 2) * (overhead + (stop - start) * rows)
            choices.append((best[start][0] + cost, start))
        total, start = min(choices)
        best.append((total, [*best[start][1], CombClass(features=tuple(ordered[start:stop]), look_back=longest)]))
    return best[-1][1]


def copies_of(features: Sequence[Feature], rows: int, *, stacked_rows: int = STACKED_ROWS) -> int:
    """How many combs can share one evaluation, each on its own copy of the bars, as segments of their own.

    One for features that could tell the copies from the bars: a user's own, and those that cross breaks.
    """
    if any(is_own(feature) or feature.crosses is not None or callable(feature.expression) for feature in features):
        return 1
    return max(stacked_rows // max(rows, 1), 1)


def comb_suspects(
    bars: Bars,
    noise: Bars,
    features: Sequence[Feature],
    comb: Comb,
    values: Mapping[str, np.ndarray],
    spreads: Mapping[str, float],
    *,
    stacked_rows: int = STACKED_ROWS,
) -> dict[str, np.ndarray]:
    """The rows at which each feature moved with the bars after them.

    ``values`` holds what each feature has on the bars, and ``stacked_rows`` is the most that one evaluation takes. A
    row is a suspect, not yet a finding: a feature that reads further back than ``comb.look_back`` moves with an earlier
    tooth.
    """
    columns = columns_read_by(feature.expression for feature in features)
    copies = min(copies_of(features, len(bars), stacked_rows=stacked_rows), len(comb.shifts))
    stacked, stacked_noise = copied(bars, copies), copied(noise, copies)
    chunks = [comb.shifts[first : first + copies] for first in range(0, len(comb.shifts), copies)]

    def moved(starts: range) -> dict[str, list[np.ndarray]]:
        """Rows before the teeth of some combs, whose first teeth begin at ``starts``, that moved with them."""
        rows = len(starts) * len(bars)
        tooth_N = np.concatenate([_teeth(comb, start, len(bars)) for start in starts])
        replaced = spliced(stretch(stacked, 0, rows), stretch(stacked_noise, 0, rows), pl.Series(tooth_N), columns)
        other = compute(replaced, features)
        moved_rows: dict[str, list[np.ndarray]] = {}
        for name, value_N in values.items():
            other_CN = numbers(other[name]).reshape(len(starts), len(bars))
            moved_rows[name] = [
                _differing(value_N, other_N, _rows_before(comb, start, len(bars)), spreads[name])
                for start, other_N in zip(starts, other_CN, strict=True)
            ]
        return moved_rows

    # A user's function may keep something between its calls, and is called by one thread at a time.
    with ThreadPoolExecutor(1 if columns is None else min(pl.thread_pool_size(), MAX_THREADS)) as pool:
        moved_rows = list(pool.map(moved, chunks))
    return {name: np.unique(np.concatenate([row_R for each in moved_rows for row_R in each[name]])) for name in values}


def copied(bars: Bars, copies: int) -> Bars:
    """The bars ``copies`` times in a row; the segments and sessions of every copy have numbers of their own."""
    if copies == 1:
        return bars
    marks = [pl.col(name).cast(pl.Int64) for name in ("segment", "session")]
    frames = [
        bars.frame.with_columns((mark + copy * (mark.max() - mark.min() + 1)).cast(pl.Int32) for mark in marks)
        for copy in range(copies)
    ]
    return replace(bars, frame=pl.concat(frames))


def _differing(value_N: np.ndarray, other_N: np.ndarray, row_R: np.ndarray, spread: float) -> np.ndarray:
    differing_R = differing_rows(value_N[row_R], other_N[row_R], spread=spread, share=FORGOTTEN)
    rows_R: np.ndarray = row_R[differing_R]
    return rows_R


def _teeth(comb: Comb, start: int, rows: int) -> np.ndarray:
    """The rows that a comb replaces, one of whose teeth begins at ``start``."""
    tooth_N = np.zeros(rows, dtype=bool)
    for row in range(start, start + comb.replaced):
        tooth_N[row % comb.period :: comb.period] = True
    return tooth_N


def out_of_reach(feature: Feature) -> bool:
    """Whether no comb can move a feature: it reads the clock and the order of rows, which replaced bars keep."""
    read = columns_read_by([feature.expression])
    return read is not None and read <= {*MARKS, *CLOCK_COLUMNS}


def _rows_before(comb: Comb, start: int, rows: int) -> np.ndarray:
    """The ``compared`` rows before each tooth."""
    tooth_T = np.arange(start, rows, comb.period)
    row_R = (tooth_T[:, None] - np.arange(comb.compared, 0, -1)).ravel()
    return row_R[row_R >= 0]
