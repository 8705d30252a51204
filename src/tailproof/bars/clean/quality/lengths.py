"""Bars of more than one length in one file."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from tailproof.arrays.times import from_nanoseconds
from tailproof.bars.clean.quality.quality_part import QualityPart
from tailproof.bars.faults import Fault, FaultBook
from tailproof.settings.durations import describe_duration

STRETCH = 200
"""Bars over which another length must prevail before it is reported."""


class BarLengths:
    """Stretches of 200 bars whose usual step is not the bar length, and steps shorter than a bar."""

    def __init__(self) -> None:
        self.book = FaultBook()

    def see(self, part: QualityPart) -> None:
        """Take in a part."""
        if part.context.bar_length > timedelta(days=1):
            return  # months and weeks with holidays differ by nature
        step_N, bar_ns = part.step_N[part.lead :], part.context.bar_ns
        short = np.flatnonzero((step_N < bar_ns) & (step_N > 0)) + part.lead
        if len(short):
            found = f"{describe_duration(from_nanoseconds(int(part.step_N[short[0]])))} to the bar before"
            expected = f"at least {describe_duration(part.context.bar_length)}, the usual distance: these bars overlap"
            self.book.add(part.fault("step shorter than a bar", short, found=found, expected=expected))
        self._stretches(part, step_N)

    def faults(self) -> list[Fault]:
        """Warnings."""
        return list(self.book.of("warning"))

    def notes(self) -> list[str]:
        """None."""
        return []

    def _stretches(self, part: QualityPart, step_N: np.ndarray) -> None:
        whole = len(step_N) // STRETCH * STRETCH
        if not whole:
            return
        step_SB = step_N[:whole].reshape(-1, STRETCH)
        odd_S = np.flatnonzero((step_SB == part.context.bar_ns).mean(axis=1) < 0.1)
        other = [at for at in odd_S.tolist() if _one_length(step_SB[at])]
        if other:
            length = _one_length(step_SB[other[0]])
            found = f"bars of {describe_duration(from_nanoseconds(length))}"
            expected = f"bars of {describe_duration(part.context.bar_length)} throughout"
            rows = np.array([at * STRETCH + part.lead for at in other])
            kind = f"mixed bar lengths (stretches of {STRETCH} bars)"
            self.book.add(part.fault(kind, rows, found=found, expected=expected))


def _one_length(step_B: np.ndarray) -> int:
    """The step that most bars of a stretch have; 0 where there is none."""
    values, counts = np.unique(step_B, return_counts=True)
    most = counts.argmax()
    return int(values[most]) if counts[most] > len(step_B) / 2 else 0
