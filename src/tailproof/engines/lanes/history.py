"""Sums that come out of the native loop, gathered into the records of intervals and epochs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tailproof.engines.lanes.population import Stretch


class Totals:
    """Running sums over applied steps, one value a member."""

    def __init__(self, members: int) -> None:
        self.loss_sum_M = np.zeros(members)
        self.norm_sum_M = np.zeros(members)
        self.norm_max_M = np.zeros(members)
        self.applied_M = np.zeros(members, dtype=np.int64)
        self.skipped_M = np.zeros(members, dtype=np.int64)

    @classmethod
    def from_tree(cls, tree: Mapping[str, np.ndarray]) -> Totals:
        """The sums that ``vars`` gave."""
        totals = cls(len(tree["applied_M"]))
        vars(totals).update(tree)
        return totals

    def add(self, stretch: Stretch, segment: int) -> None:
        """Take in one segment of a stretch."""
        self.loss_sum_M += stretch.loss_sum_SM[segment]
        self.norm_sum_M += stretch.norm_sum_SM[segment]
        self.norm_max_M = np.maximum(self.norm_max_M, stretch.norm_max_SM[segment])
        self.applied_M += stretch.applied_SM[segment]
        self.skipped_M += stretch.skipped_SM[segment]

    @property
    def loss_M(self) -> np.ndarray:
        """Mean loss over the applied steps; NaN where none was applied."""
        return self._mean(self.loss_sum_M)

    @property
    def grad_norm_mean_M(self) -> np.ndarray:
        """Mean gradient norm before clipping; NaN where no step was applied."""
        return self._mean(self.norm_sum_M)

    @property
    def grad_norm_max_M(self) -> np.ndarray:
        """Largest gradient norm before clipping; NaN where no step was applied."""
        return np.where(self.applied_M > 0, self.norm_max_M, np.nan)

    def _mean(self, sum_M: np.ndarray) -> np.ndarray:
        return np.where(self.applied_M > 0, sum_M / np.maximum(self.applied_M, 1), np.nan)
