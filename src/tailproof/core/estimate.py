"""A figure and how well it is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

ABSENT = math.nan
NORMAL_95 = 1.959964
"""Standard errors on either side of a normal estimate that make its 95 % interval."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A figure with a 95 % interval, NaN where there is none."""

    value: float
    low: float = ABSENT
    high: float = ABSENT

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return math.isfinite(self.value)

    @property
    def bounded(self) -> bool:
        """Whether there is an interval."""
        return math.isfinite(self.low) and math.isfinite(self.high)


@dataclass(frozen=True, kw_only=True)
class Paired:
    """One forecaster less another on their common rows."""

    rows: int
    rank_ic: Estimate
    """Difference of the rank ICs, ranks taken over the common rows."""
    skill: Estimate
    """1 - loss of the one / loss of the other; unknown where their targets differ."""
