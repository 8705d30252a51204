"""The share of returns that are exactly zero, which matters because their ranks tie."""

from __future__ import annotations

from tailproof.bars.clean.quality.quality_part import QualityPart
from tailproof.bars.faults import Fault


class ZeroReturns:
    """Counts the returns inside segments that are zero."""

    def __init__(self) -> None:
        self.zero = self.all = 0

    def see(self, part: QualityPart) -> None:
        """Take in a part."""
        inside_N = part.same_segment_N.copy()
        inside_N[: part.lead] = False
        self.all += int(inside_N.sum())
        self.zero += int((inside_N & part.same_close_N).sum())

    def faults(self) -> list[Fault]:
        """None."""
        return []

    def notes(self) -> list[str]:
        """The share."""
        return [f"{self.zero / self.all:.1%} of the returns inside segments are exactly zero."] if self.all else []
