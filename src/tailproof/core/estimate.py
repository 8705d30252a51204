"""A figure and how well it is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

ABSENT = math.nan


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
