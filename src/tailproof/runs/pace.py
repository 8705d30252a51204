"""How often a run keeps itself, and how long it may be silent."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Times of a run, none of which changes a result."""

    seconds_between: float = 30.0
    """A run keeps itself at most this often."""
    max_share: float = 0.01
    """Share of a run's time that keeping may take: what is large is kept less often."""
    seconds_of_silence: float = 10.0
    """After this long without a line, the next interval of training is logged."""
    clock: Callable[[], float] = time.monotonic
    """Seconds that only rise."""


DEFAULT_PACE = Pace()
