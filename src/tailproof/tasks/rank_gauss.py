"""The task ``rank-gauss``: the normal score of the forward return's rank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tailproof.models.network import Head
from tailproof.objectives import huber_objective
from tailproof.statistics.distributions import normal_cdf, normal_quantile
from tailproof.tasks.forward_return import forward_return
from tailproof.tasks.rank import RankTransform
from tailproof.tasks.task import Task, follow_predicted_return


@dataclass(frozen=True, kw_only=True)
class RankGaussTransform:
    """The standard normal quantile of the rank: Phi^-1((rank (n - 1) + 0.5) / n), n training rows.

    Bell-shaped whatever the tails were (van der Waerden scores). ``ranks`` is the rank table underneath.
    """

    ranks: RankTransform
    rows: int

    @classmethod
    def fit(cls, return_N: np.ndarray) -> RankGaussTransform:
        """Rank table of training returns, and how many there were.

        Raises:
            ConfigError: fewer than two distinct returns, so that there is nothing to rank.
        """
        return cls(ranks=RankTransform.fit(return_N), rows=len(return_N))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> RankGaussTransform:
        """The transform that ``as_json`` described, on the stored knots of its ranks."""
        return cls(ranks=RankTransform.from_json(stored), rows=int(stored["rows"]))

    def transform(self, return_N: np.ndarray) -> np.ndarray:
        """Normal scores of raw returns."""
        share_N = (self.ranks.transform(return_N) * (self.rows - 1) + 0.5) / self.rows
        return normal_quantile(share_N)

    def inverse(self, target_N: np.ndarray) -> np.ndarray:
        """Raw returns of normal scores."""
        rank_N = (normal_cdf(target_N) * self.rows - 0.5) / (self.rows - 1)
        return self.ranks.inverse(np.clip(rank_N, 0.0, 1.0))

    def as_json(self) -> dict[str, Any]:
        """The rank table and the number of training rows."""
        return {**self.ranks.as_json(), "kind": "rank-gauss", "rows": self.rows}


RANK_GAUSS = Task(
    name="rank-gauss",
    label=forward_return,
    fit=RankGaussTransform.fit,
    read=RankGaussTransform.from_json,
    objective=huber_objective,
    head=Head(outputs=1, sigmoid=False),
    signal=follow_predicted_return,
)
