"""The intervals at which a run stores checkpoints and logs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Times of a run, none of which changes a result."""

    seconds_between: float = 30.0
    """Minimum seconds between two checkpoints of a run."""
    max_share: float = 0.01
    """Share of a run's time that checkpoints may take: large ones are stored less often."""
    seconds_of_silence: float = 10.0
    """After this long without a line, the next interval of training is logged."""
    seconds_per_call: float | None = None
    """How long the lanes engine computes between two looks at events and interrupts; None leaves it to the engine."""
    clock: Callable[[], float] = time.monotonic
    """A clock in seconds that never goes back."""


DEFAULT_PACE = Pace()
