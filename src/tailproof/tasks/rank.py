"""The task ``rank``: the rank of the forward return among the training returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tailproof.arrays.scratch import blocks
from tailproof.core.errors import ConfigError
from tailproof.models.network import Head
from tailproof.objectives import huber_objective
from tailproof.tasks.forward_return import forward_return
from tailproof.tasks.task import Task, follow_predicted_return

STORED_KNOTS = 2001


@dataclass(frozen=True, kw_only=True)
class RankTransform:
    """(rank - 1) / (n - 1) among the n training returns, with average ranks for ties.

    ``return_K`` holds the distinct training returns in rising order and ``rank_K`` their transformed ranks. A return
    between two of them is interpolated linearly; one outside their range gets the nearest end. Spearman (1904) ranks;
    exactly ``(scipy.stats.rankdata(r) - 1) / (len(r) - 1)`` on the training rows.

    >>> ranks = RankTransform.fit(np.array([0.01, -0.02, 0.0, 0.0]))
    >>> ranks.transform(np.array([-0.02, 0.0, 0.005, 0.01, 9.0])).tolist()
    [0.0, 0.5, 0.75, 1.0, 1.0]
    >>> ranks.inverse(np.array([0.75])).tolist()
    [0.005]
    """

    return_K: np.ndarray
    rank_K: np.ndarray

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> RankTransform:
        """The table that ``as_json`` described, on its stored knots."""
        return cls(return_K=np.array(stored["returns"]), rank_K=np.array(stored["ranks"]))

    @classmethod
    def fit(cls, return_N: np.ndarray) -> RankTransform:
        """Rank table of training returns.

        Raises:
            ConfigError: fewer than two distinct returns, so that there is nothing to rank.
        """
        value_K, count_K = np.unique(return_N, return_counts=True)
        if len(value_K) < 2:
            raise ConfigError(f"the target must vary on the training rows, got {len(return_N)} equal returns.")
        last_rank_K = np.cumsum(count_K)
        average_rank_K = last_rank_K - (count_K - 1) / 2.0
        return cls(return_K=value_K, rank_K=(average_rank_K - 1.0) / (len(return_N) - 1.0))

    def transform(self, return_N: np.ndarray) -> np.ndarray:
        """Ranks in [0, 1] of raw returns."""
        rank_N = np.empty(len(return_N))
        for block in blocks(len(return_N)):
            order_R = np.argsort(return_N[block])  # interp finds the places of values in order many times faster
            rank_N[block][order_R] = np.interp(return_N[block][order_R], self.return_K, self.rank_K)
        return rank_N

    def inverse(self, target_N: np.ndarray) -> np.ndarray:
        """Raw returns of ranks."""
        return np.asarray(np.interp(target_N, self.rank_K, self.return_K))

    def as_json(self) -> dict[str, Any]:
        """The table, thinned to at most 2,001 knots, with the largest error in rank that this makes."""
        thin = self.thinned(STORED_KNOTS)
        error = float(np.abs(thin.transform(self.return_K) - self.rank_K).max())
        return {
            "kind": "rank",
            "formula": "(rank - 1) / (n - 1), average ranks, linear between knots",
            "returns": thin.return_K.tolist(),
            "ranks": thin.rank_K.tolist(),
            "largest_rank_error": error,
        }

    def thinned(self, knots: int) -> RankTransform:
        """The same table on at most ``knots`` knots spread evenly over the ranks, both ends kept."""
        if len(self.rank_K) <= knots:
            return self
        wanted_K = np.linspace(self.rank_K[0], self.rank_K[-1], knots)
        keep_K = np.unique(np.clip(np.searchsorted(self.rank_K, wanted_K), 0, len(self.rank_K) - 1))
        return RankTransform(return_K=self.return_K[keep_K], rank_K=self.rank_K[keep_K])


RANK = Task(
    name="rank",
    label=forward_return,
    fit=RankTransform.fit,
    read=RankTransform.from_json,
    objective=huber_objective,
    head=Head(outputs=1, sigmoid=True),
    signal=follow_predicted_return,
)
