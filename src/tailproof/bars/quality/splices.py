"""Jumps of the price level that no other bar resembles: rolls, splits, two sources glued together."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from tailproof.bars.faults import Fault, FaultBook
from tailproof.bars.quality.part import Part
from tailproof.bars.table_plan import LINE, SOURCE

KEPT = 64
TIMES_NEXT = 3.0
"""A splice is at least this many times the largest jump that is none ..."""
SMALLEST = 0.04
"""... and at least 4 % of the price ..."""
AT_SOURCE_TIMES = 1.5
AT_SOURCE_SMALLEST = 0.005
"""... or, where the file or the contract changes, 1.5 times it and at least 0.5 %."""
DAY_NS = 86_400 * 10**9


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

    def see(self, part: Part) -> None:
        """Take in a part."""
        self.files = part.context.files
        days_N = np.maximum(part.step_N / DAY_NS, 1.0)
        size_N = np.abs(part.return_N)
        size_N[: max(part.lead, 1)] = 0.0
        floor = self.largest[0][0] if len(self.largest) == KEPT else 0.0
        rows = np.flatnonzero(size_N > floor)
        rows = rows[np.argsort(-size_N[rows], kind="stable")[: 4 * KEPT]]
        changes_N = self._source_changes(part)
        for row in rows.tolist():
            size = float(size_N[row] / math.sqrt(days_N[row]))
            self.seen += 1
            if len(self.largest) < KEPT:
                heapq.heappush(self.largest, (size, -self.seen, self._jump(part, row, at_source=bool(changes_N[row]))))
            elif size > self.largest[0][0]:
                heapq.heapreplace(
                    self.largest, (size, -self.seen, self._jump(part, row, at_source=bool(changes_N[row])))
                )

    @staticmethod
    def _jump(part: Part, row: int, *, at_source: bool) -> Jump:
        return Jump(
            at_source=at_source,
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
            alone = size >= SMALLEST and size >= TIMES_NEXT * usual
            spliced = jump.at_source and size >= AT_SOURCE_SMALLEST and size >= AT_SOURCE_TIMES * usual_elsewhere
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

    @staticmethod
    def _source_changes(part: Part) -> np.ndarray:
        change_N = np.diff(part.array(SOURCE).astype(np.int32), prepend=0) != 0
        if "contract" in part.frame.columns:
            contract = part.frame["contract"]
            change_N |= contract.ne_missing(contract.shift()).to_numpy()
        changed_N: np.ndarray = change_N
        return changed_N


def _largest_usual(sizes: list[float]) -> float:
    """The largest size below the widest step among the ten largest; sizes fall."""
    for at in range(min(10, len(sizes) - 1)):
        if sizes[at] >= TIMES_NEXT * sizes[at + 1]:
            return sizes[at + 1]
    return sizes[0] if sizes else 0.0
