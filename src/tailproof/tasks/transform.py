"""From fat-tailed returns to what the network learns, fitted on training rows alone; each transform has its inverse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from tailproof.core.errors import ConfigError
from tailproof.statistics.distributions import normal_cdf, normal_quantile

STORED_KNOTS = 2001

TargetName = Literal["rank", "rank-gauss", "raw"]


class TargetTransform(Protocol):
    """Maps raw forward returns to targets and back."""

    @property
    def bounded(self) -> bool:
        """Whether targets lie in [0, 1], so that the network ends in a sigmoid."""
        ...

    def transform(self, return_N: np.ndarray) -> np.ndarray:
        """Targets (float64) of raw returns."""
        ...

    def inverse(self, target_N: np.ndarray) -> np.ndarray:
        """Raw returns (float64) of targets."""
        ...

    def as_json(self) -> dict[str, Any]:
        """Plain types from which the transform can be made again, to a stated accuracy."""
        ...


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
    def fit(cls, return_N: np.ndarray) -> RankTransform:
        """Rank table of training returns.

        Raises:
            ConfigError: fewer than two distinct returns, so that there is nothing to rank.
        """
        value_K, count_K = np.unique(return_N, return_counts=True)
        if len(value_K) < 2:
            raise ConfigError(f"the target must vary on the training rows, however: all {len(return_N)} are equal.")
        last_rank_K = np.cumsum(count_K)
        average_rank_K = last_rank_K - (count_K - 1) / 2.0
        return cls(return_K=value_K, rank_K=(average_rank_K - 1.0) / (len(return_N) - 1.0))

    @property
    def bounded(self) -> bool:
        """Ranks lie in [0, 1]."""
        return True

    def transform(self, return_N: np.ndarray) -> np.ndarray:
        """Ranks in [0, 1] of raw returns."""
        return np.asarray(np.interp(return_N, self.return_K, self.rank_K))

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


@dataclass(frozen=True, kw_only=True)
class RankGaussTransform:
    """The standard normal quantile of the rank: Phi^-1((rank (n - 1) + 0.5) / n), n training rows.

    Bell-shaped whatever the tails were (van der Waerden scores). ``ranks`` is the rank table underneath.
    """

    ranks: RankTransform
    rows: int

    @property
    def bounded(self) -> bool:
        """Normal scores are not bounded."""
        return False

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


@dataclass(frozen=True, kw_only=True)
class RawTransform:
    """The return in units of its standard deviation on the training rows: fat tails and all."""

    scale: float

    @property
    def bounded(self) -> bool:
        """Raw returns are not bounded."""
        return False

    def transform(self, return_N: np.ndarray) -> np.ndarray:
        """Returns in training standard deviations."""
        return return_N / self.scale

    def inverse(self, target_N: np.ndarray) -> np.ndarray:
        """Raw returns."""
        return target_N * self.scale

    def as_json(self) -> dict[str, Any]:
        """The scale."""
        return {"kind": "raw", "scale": self.scale}


def fit_transform(target: TargetName, return_N: np.ndarray) -> RankTransform | RankGaussTransform | RawTransform:
    """Fit the named transform on training returns.

    Raises:
        ConfigError: the training returns do not vary.
    """
    ranks = RankTransform.fit(return_N)
    match target:
        case "rank":
            return ranks
        case "rank-gauss":
            return RankGaussTransform(ranks=ranks, rows=len(return_N))
        case "raw":
            return RawTransform(scale=float(np.std(return_N)))


def transform_from_json(stored: Mapping[str, Any]) -> RankTransform | RankGaussTransform | RawTransform:
    """The transform that ``as_json`` described; a rank table on its stored knots, with the error stated there.

    >>> transform_from_json(RawTransform(scale=2.0).as_json())
    RawTransform(scale=2.0)
    """
    if stored["kind"] == "raw":
        return RawTransform(scale=float(stored["scale"]))
    ranks = RankTransform(return_K=np.array(stored["returns"]), rank_K=np.array(stored["ranks"]))
    return ranks if stored["kind"] == "rank" else RankGaussTransform(ranks=ranks, rows=int(stored["rows"]))
