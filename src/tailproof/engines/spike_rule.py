"""When a step is a spike, how the steps before are remembered, and when there were too many spikes.

A step is a spike where the base-2 logarithm of its loss or gradient norm lies more than ``limit`` scales above its
centre. Centre and scale trail over the steps before with exponentially falling weights; each step pulls them by at
most ``bound`` scales (Huber 1964, "Robust Estimation of a Location Parameter"), so that neither a spike nor a heavy
tail moves them far, and a number that is not finite, or 0, not at all. Logarithms make the score one of ratios: losses
of fat-tailed rows are skewed, their logarithms hardly so. The scale has a floor, below which a rise of the loss is no
spike however steady the loss was: with the defaults a spike is at least 3.5 times the trailing level.

The logarithm is straight between powers of two, read off the bits of a float32: the same in every engine. Each engine
keeps the five numbers of a member's trail beside its weights and follows the same rule step by step:
``src/native/lanes/spikes.hpp`` and ``engines/torch/spike_guard.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TRAIL_LENGTH = 5
"""Numbers of a trail: steps seen, centre and scale of the loss, centre and scale of the gradient norm."""


@dataclass(frozen=True, kw_only=True)
class SpikeRule:
    """Constants of the rule; logarithms are to the base 2."""

    limit: float = 8.0
    """Robust z-score from which a step is skipped; 0 skips none."""
    grace: float = 128.0
    """Steps that are seen before any is judged."""
    window: float = 256.0
    """Steps over which centre and scale trail."""
    floor: float = 0.225
    """Least scale that a score is measured in."""
    bound: float = 3.0
    """How far one step pulls the centre, in scales."""
    deviation: float = 1.2533141373155003
    """From a mean absolute deviation to the standard deviation of a normal distribution: the root of pi / 2."""


@dataclass(frozen=True, kw_only=True)
class TooManySpikes:
    """When a member goes back to the beginning of its epoch with half the rate."""

    window: int = 256
    """Latest steps of the epoch whose spikes count."""
    share: float = 0.05
    """More spikes than this share of those steps are too many."""
    least: int = 3
    """So many are never too many, however short the epoch is."""
    rollbacks: int = 3
    """How often a member may go back; after that, training stops."""

    def allowed(self, steps_per_epoch: int) -> int:
        """Spikes that the window may hold.

        >>> TooManySpikes().allowed(100_000), TooManySpikes().allowed(20)
        (12, 3)
        """
        return max(self.least, int(self.share * min(self.window, steps_per_epoch)))


TOO_MANY_SPIKES = TooManySpikes()


def empty_trails(members: int) -> np.ndarray:
    """The trails of members that have not taken a step: float32 (members, 5)."""
    return np.zeros((members, TRAIL_LENGTH), dtype=np.float32)
