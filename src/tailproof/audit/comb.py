"""A comb of replaced bars tests thousands of rows at once: each row right before a tooth must not change with it.

With a look-back of L bars, the bars of every tooth are replaced by noise, and L clean bars lie before the rows that
are compared. Shifting the comb puts every row before a tooth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl

from tailproof.audit.difference import FORGOTTEN, differing_rows, numbers
from tailproof.audit.noise import spliced
from tailproof.core.records import Bars
from tailproof.features import Feature, compute

MAX_LOOK_BACK = 512
"""A longer look-back leaves too few rows to compare in one evaluation: such features are cut once in each segment."""
MAX_THREADS = 4
"""Shifts evaluated at a time: each holds a copy of the columns that its features read."""
OVERHEAD = 100_000
"""Values that could be computed in the time that one evaluation takes to begin."""
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

    A shift of a comb costs ``OVERHEAD`` and a value for each feature and row, so few bars share one comb, and many
    bars have one for each look-back.
    """
    ordered = sorted(features, key=lambda feature: look_back[feature.name])
    best: list[tuple[float, list[CombClass]]] = [(0.0, [])]
    for stop in range(1, len(ordered) + 1):
        choices = []
        longest = look_back[ordered[stop - 1].name]
        for start in range(stop):
            cost = (longest + 2) * (OVERHEAD + (stop - start) * rows)
            choices.append((best[start][0] + cost, start))
        total, start = min(choices)
        best.append((total, [*best[start][1], CombClass(features=tuple(ordered[start:stop]), look_back=longest)]))
    return best[-1][1]


def comb_suspects(
    bars: Bars,
    noise: Bars,
    features: Sequence[Feature],
    comb: Comb,
    values: Mapping[str, np.ndarray],
    spreads: Mapping[str, float],
) -> dict[str, np.ndarray]:
    """The rows at which each feature moved with the bars after them.

    ``values`` holds what each feature has on the bars. A row is a suspect, not yet a finding: a feature that reads
    further back than ``comb.look_back`` moves with an earlier tooth.
    """
    phase_N = np.arange(len(bars), dtype=np.int32) % comb.period
    columns = columns_read(features)

    def moved(start: int) -> dict[str, np.ndarray]:
        """Rows before the teeth of one comb, whose first begins at ``start``, that moved with them."""
        tooth_N = (phase_N - start) % comb.period < comb.replaced
        before_R = _rows_before(comb, start, len(bars))
        other = compute(spliced(bars, noise, pl.Series(tooth_N), columns), features)
        return {
            name: before_R[
                differing_rows(value_N[before_R], numbers(other[name])[before_R], spread=spreads[name], share=FORGOTTEN)
            ]
            for name, value_N in values.items()
        }

    # A user's function may keep something between its calls, and is called by one thread at a time.
    with ThreadPoolExecutor(1 if columns is None else min(pl.thread_pool_size(), MAX_THREADS)) as pool:
        found = list(pool.map(moved, comb.shifts))
    return {name: np.unique(np.concatenate([each[name] for each in found])) for name in values}


def columns_read(features: Sequence[Feature]) -> frozenset[str] | None:
    """The columns that a splice must touch; None where a function may read any."""
    if all(isinstance(feature.expression, pl.Expr) and feature.needs for feature in features):
        return frozenset(column for feature in features for column in feature.needs)
    return None


def _rows_before(comb: Comb, start: int, rows: int) -> np.ndarray:
    """The ``compared`` rows before each tooth."""
    tooth_T = np.arange(start, rows, comb.period)
    row_R = (tooth_T[:, None] - np.arange(comb.compared, 0, -1)).ravel()
    return row_R[row_R >= 0]
