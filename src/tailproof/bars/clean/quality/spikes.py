"""Prices that jump and come straight back: bad ticks, seldom trades."""

from __future__ import annotations

import numpy as np

from tailproof.bars.clean.quality.quality_part import QualityPart
from tailproof.bars.faults import Fault, FaultBook

TIMES_NEIGHBOURS = 12.0
"""A spike is this many times the usual move of the bars around it ..."""
MIN_SPIKE = 0.002
"""... and at least 0.2 %."""
LEFT_OVER = 0.25
"""At most this share of the jump is left one bar later."""
NEIGHBOURS = 10


class Spikes:
    """Closes that jump and revert within a bar, and highs or lows far outside their bar and its neighbours.

    The usual move is the largest absolute return among up to ten bars on either side, the spike's own two left out.
    """

    def __init__(self) -> None:
        self.book = FaultBook()

    def see(self, part: QualityPart) -> None:
        """Take in a part; a row is judged when the row after it is known."""
        self._closes(part)
        self._wicks(part)

    def faults(self) -> list[Fault]:
        """Warnings."""
        return list(self.book.of("warning"))

    def notes(self) -> list[str]:
        """None."""
        return []

    def _closes(self, part: QualityPart) -> None:
        return_N, inside_N = part.return_N, part.same_segment_N
        jumps = np.flatnonzero(part.size_N[:-1] > MIN_SPIKE)
        jumps = jumps[(jumps >= part.lead - 1) & inside_N[jumps] & inside_N[jumps + 1]]
        left_over = np.abs(return_N[jumps] + return_N[jumps + 1])
        jumps = jumps[left_over < LEFT_OVER * part.size_N[jumps]]
        rows = [row for row in jumps.tolist() if _stands_out(return_N, row)]
        if rows:
            found = f"{return_N[rows[0]]:+.2%} and {return_N[rows[0] + 1]:+.2%} after it"
            expected = f"moves like those of the bars around it (a spike is {TIMES_NEIGHBOURS:g} times the largest)"
            self.book.add(part.fault("spike that reverts within a bar", np.array(rows), found=found, expected=expected))

    def _wicks(self, part: QualityPart) -> None:
        high_N, low_N = part.array("high"), part.array("low")
        candidate_N = high_N - low_N > MIN_SPIKE * 2 * low_N
        candidate_N[: part.lead] = False
        rows = np.flatnonzero(candidate_N)
        if not len(rows):
            return
        body_high_N = np.maximum(part.array("open"), part.array("close"))
        body_low_N = np.minimum(part.array("open"), part.array("close"))
        wick_N = np.maximum(high_N[rows] - body_high_N[rows], body_low_N[rows] - low_N[rows])
        rows = rows[wick_N > MIN_SPIKE * low_N[rows]]
        long = [row for row in rows.tolist() if _wick_stands_out(high_N, low_N, body_high_N, body_low_N, row)]
        if long:
            row = long[0]
            found = f"low {low_N[row]:g}, high {high_N[row]:g}, body {body_low_N[row]:g} to {body_high_N[row]:g}"
            expected = f"a range of the size of the bars around it (a spike is {TIMES_NEIGHBOURS:g} times the largest)"
            self.book.add(part.fault("high or low spike inside a bar", np.array(long), found=found, expected=expected))


def _stands_out(return_N: np.ndarray, row: int) -> bool:
    before, after = return_N[max(row - NEIGHBOURS, 0) : row], return_N[row + 2 : row + 2 + NEIGHBOURS]
    around = np.concatenate([before, after])
    return len(around) > 0 and abs(return_N[row]) > TIMES_NEIGHBOURS * np.abs(around).max()


def _wick_stands_out(
    high_N: np.ndarray, low_N: np.ndarray, body_high_N: np.ndarray, body_low_N: np.ndarray, row: int
) -> bool:
    start, stop = max(row - NEIGHBOURS, 0), row + 1 + NEIGHBOURS
    ranges = high_N[start:stop] - low_N[start:stop]
    around = np.delete(ranges, row - start)
    if not len(around):
        return False
    usual = max(float(around.max()), float(body_high_N[row] - body_low_N[row]))
    wick = max(high_N[row] - body_high_N[row], body_low_N[row] - low_N[row])
    return bool(wick > TIMES_NEIGHBOURS * usual) if usual > 0 else True
