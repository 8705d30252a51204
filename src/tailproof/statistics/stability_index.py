"""The population stability index: how far later values have moved over the tenths of earlier ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

TENTHS = 10
LARGE_SHIFT = 0.25
"""A shift, by the customary reading."""
LEAST_SHARE = 1e-4
"""Share that an empty bin counts as, so that its logarithm exists."""


def tenths(values_N: np.ndarray) -> np.ndarray:
    """Inner edges (float64) of ten bins that hold a tenth of the values each; fewer where values repeat.

    >>> tenths(np.arange(11.0)).round(9).tolist()
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
    """
    return np.unique(np.quantile(values_N, np.linspace(0.0, 1.0, TENTHS + 1)[1:-1]))


@dataclass(frozen=True, kw_only=True)
class Stability:
    """What later values are compared with."""

    edge_K: np.ndarray
    share_B: np.ndarray
    """Share of the earlier values in each bin."""

    @classmethod
    def against(cls, earlier_N: np.ndarray) -> Stability:
        """Bins of the earlier values."""
        edge_K = tenths(earlier_N)
        return cls(edge_K=edge_K, share_B=_shares(edge_K, earlier_N))

    @classmethod
    def from_json(cls, stored: Mapping[str, Sequence[float]]) -> Stability:
        """What ``as_json`` gave."""
        return cls(edge_K=np.array(stored["edges"], dtype=np.float64), share_B=np.array(stored["shares"]))

    def as_json(self) -> dict[str, list[float]]:
        """Inner edges, and the share of the earlier values in each bin.

        >>> Stability.against(np.arange(10.0)).as_json()["shares"][:2]
        [0.1, 0.1]
        """
        return {"edges": self.edge_K.tolist(), "shares": self.share_B.tolist()}

    def index(self, later_N: np.ndarray) -> float:
        """PSI = sum over bins of (q - p) ln(q / p), p the share of the earlier values, q of the later (Siddiqi 2006).

        Customary reading: below 0.1 stable, above 0.25 a shift. Equal distributions of n values give about 9 / n.

        >>> values_N = np.arange(1000.0)
        >>> Stability.against(values_N).index(values_N)
        0.0
        """
        later_B = _shares(self.edge_K, later_N)
        return float(((later_B - self.share_B) * np.log(later_B / self.share_B)).sum())


def _shares(edge_K: np.ndarray, values_N: np.ndarray) -> np.ndarray:
    count_B = np.bincount(np.searchsorted(edge_K, values_N), minlength=len(edge_K) + 1)
    return np.asarray(np.maximum(count_B / len(values_N), LEAST_SHARE))
