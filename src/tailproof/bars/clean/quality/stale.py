"""Bars that repeat: feeds that hang, and sources that know only a close."""

from __future__ import annotations

import numpy as np

from tailproof.bars.clean.quality.quality_part import QualityPart
from tailproof.bars.faults import Fault, FaultBook
from tailproof.core.records import PRICES

SAME_BARS = 10
"""This many consecutive bars with the same prices and volume do not occur while a market trades."""


class StaleRuns:
    """Rows from the tenth identical bar on, rows without volume, and bars whose four prices are one."""

    def __init__(self) -> None:
        self.book = FaultBook()
        self.flat = self.rows = 0

    def see(self, part: QualityPart) -> None:
        """Take in a part."""
        names = [name for name in (*PRICES, "volume") if name in part.frame.columns]
        same_N = part.same_segment_N & part.same_close_N
        for name in names:
            if not same_N.any():
                break
            same_N &= part.same_N(name)
        self._runs(part, same_N)
        self._flat_bars(part)
        if "volume" in names:
            self._without_volume(part)

    def faults(self) -> list[Fault]:
        """Warnings."""
        return list(self.book.of("warning"))

    def notes(self) -> list[str]:
        """None."""
        return []

    def _runs(self, part: QualityPart, same_N: np.ndarray) -> None:
        rows = np.flatnonzero(same_N)
        first = np.flatnonzero(np.diff(rows, prepend=-2) != 1)
        place = np.arange(len(rows)) - np.repeat(first, np.diff(first, append=len(rows)))
        stale = rows[(place >= SAME_BARS - 2) & (rows >= part.lead)]
        if len(stale):
            found = f"{SAME_BARS} or more bars with close {part.array('close')[stale[0]]:g} and nothing changed"
            expected = f"fewer than {SAME_BARS} identical bars in a row"
            self.book.add(part.fault("stale bars", stale, found=found, expected=expected))

    def _flat_bars(self, part: QualityPart) -> None:
        if not part.context.daily:
            return  # a minute with a single trade is flat and sound
        rows = np.flatnonzero(part.array("high") == part.array("low"))
        rows = rows[rows >= part.lead]
        if len(rows):
            price = part.array("close")[rows[0]]
            expected = "a day with a range: such rows know only a close, so that their range features are 0"
            kind = "open = high = low = close"
            self.book.add(part.fault(kind, rows, found=f"{price:g} four times", expected=expected))

    def _without_volume(self, part: QualityPart) -> None:
        rows = np.flatnonzero(part.array("volume") == 0)
        rows = rows[rows >= part.lead]
        if len(rows):
            expected = "a traded volume: a bar without trades repeats an old price"
            self.book.add(part.fault("zero volume", rows, found="volume = 0", expected=expected))
