"""Jumps of the price level that no other bar resembles: rolls, splits, two sources glued together."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from tailproof.arrays.times import DAY_NS
from tailproof.bars.clean.quality.quality_part import QualityPart
from tailproof.bars.faults import Fault, FaultBook
from tailproof.bars.read.table_plan import LINE, SOURCE
from tailproof.core.instrument_columns import instrument_columns

KEPT = 64
TIMES_NEXT = 3.0
"""A splice is at least this many times the largest jump that is none ..."""
MIN_SPLICE = 0.04
"""... and at least 4 % of the price ..."""
AT_SOURCE_TIMES = 1.5
MIN_SPLICE_AT_SOURCE = 0.005
"""... or, where the file or the contract changes, 1.5 times it and at least 0.5 %."""


@dataclass(frozen=True, kw_only=True)
class Jump:
    """One bar that opens far from the close before."""

    at_source: bool
    move: float
    line: int
    source: int
    time: datetime


class Splices:
    """The largest jumps of all, those over a long gap divided by the root of its days."""

    def __init__(self) -> None:
        self.largest: list[tuple[float, int, Jump]] = []
        self.files: tuple[str, ...] = ()
        self.seen = 0

    def see(self, part: QualityPart) -> None:
        """Take in a part."""
        self.files = part.context.files
        floor = self.largest[0][0] if len(self.largest) == KEPT else 0.0
        for row in _largest(part.size_N, 4 * KEPT, first=max(part.lead, 1), floor=floor):
            size = float(part.size_N[row]) / math.sqrt(max(part.step_N[row] / DAY_NS, 1.0))
            self.seen += 1
            if len(self.largest) < KEPT:
                heapq.heappush(self.largest, (size, -self.seen, self._jump(part, row)))
            elif size > self.largest[0][0]:
                heapq.heapreplace(self.largest, (size, -self.seen, self._jump(part, row)))

    @staticmethod
    def _jump(part: QualityPart, row: int) -> Jump:
        columns = [SOURCE, *instrument_columns(part.frame)]
        return Jump(
            at_source=part.frame[row - 1, columns].rows() != part.frame[row, columns].rows(),
            move=float(part.return_N[row]),
            line=int(part.frame[LINE][row]),
            source=int(part.frame[SOURCE][row]),
            time=datetime.fromtimestamp(int(part.time_N[row]) // 10**9, UTC),
        )

    def faults(self) -> list[Fault]:
        """Warnings."""
        ranked = sorted(self.largest, key=lambda entry: entry[:2], reverse=True)
        usual = _largest_usual([size for size, *_ in ranked])
        usual_elsewhere = max((size for size, _, jump in ranked if not jump.at_source), default=0.0)
        book = FaultBook()
        for size, _, jump in ranked:
            alone = size >= MIN_SPLICE and size >= TIMES_NEXT * usual
            spliced = jump.at_source and size >= MIN_SPLICE_AT_SOURCE and size >= AT_SOURCE_TIMES * usual_elsewhere
            if alone or spliced:
                book.add(self._fault(jump))
        return list(book.of("warning"))

    def _fault(self, jump: Jump) -> Fault:
        return Fault(
            kind="price level jumps",
            lines=[jump.line],
            found=f"{math.expm1(jump.move):+.2%} from the close before",
            expected="a jump like others of these bars: a split, a roll or a change of source unless it was real",
            severity="warning",
            file=self.files[jump.source],
            times=(f"{jump.time:%Y-%m-%d %H:%M:%S}",),
        )

    def notes(self) -> list[str]:
        """None."""
        return []


def _largest(size_N: np.ndarray, count: int, *, first: int, floor: float) -> list[int]:
    """The rows from ``first`` on of the largest sizes above ``floor``, the largest first, equal ones in their order."""
    rows = np.flatnonzero(size_N > floor)
    rows = rows[rows >= first]
    if len(rows) > count:
        least = np.partition(size_N[rows], -count)[-count]
        rows = rows[size_N[rows] >= least]
    largest: list[int] = rows[np.argsort(-size_N[rows], kind="stable")[:count]].tolist()
    return largest


def _largest_usual(sizes: list[float]) -> float:
    """The largest size below the widest step among the ten largest; sizes fall."""
    for at in range(min(10, len(sizes) - 1)):
        if sizes[at] >= TIMES_NEXT * sizes[at + 1]:
            return sizes[at + 1]
    return sizes[0] if sizes else 0.0
