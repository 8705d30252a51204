"""An engine's report on steps that it took in one go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class StepBatch:
    """The outcome of consecutive steps of one epoch in S segments: logging intervals, cut where the batch is."""

    epoch: int
    segment_stop: tuple[int, ...]
    """Total steps done when each segment ended."""
    loss_sum_SM: np.ndarray
    """Sums over applied steps."""
    norm_sum_SM: np.ndarray
    norm_max_SM: np.ndarray
    applied_SM: np.ndarray
    skipped_SM: np.ndarray
    """Steps that were not finite."""
    skips: tuple[tuple[int, int], ...]
    """(step counted over all epochs from 0, member) of every step that was not finite, in this order."""
    spikes: tuple[tuple[int, int], ...]
    """The same of every step that was skipped as a spike."""

    def spiked_M(self, segment: int) -> np.ndarray:
        """Spikes of each member in a segment, int64."""
        start = self.segment_stop[segment - 1] if segment else 0
        members = [member for step, member in self.spikes if start <= step < self.segment_stop[segment]]
        return np.bincount(members, minlength=self.applied_SM.shape[1])
