"""Two forecasters on the rows that both forecast: their differences, with intervals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from tailproof.core.estimate import ABSENT, Estimate, Paired
from tailproof.statistics.group_means import group_means
from tailproof.statistics.ranks import rank_products

SAME_BARS = 0.9
RowLoss = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Loss of every row from its predictions and targets."""


class JudgedRows(Protocol):
    """Forecasts in time order, with what came of them."""

    @property
    def prediction_N(self) -> np.ndarray:
        """What was forecast, in units of the target."""

    @property
    def target_N(self) -> np.ndarray:
        """What was to be forecast."""

    @property
    def return_N(self) -> np.ndarray:
        """The return that the target was made of."""

    @property
    def known_at_N(self) -> np.ndarray:
        """When each row was known (nanoseconds UTC)."""

    @property
    def cluster_N(self) -> np.ndarray:
        """Rows that may move together, numbered from 0."""

    def __len__(self) -> int: ...


def common_rows(first: JudgedRows, second: JudgedRows) -> tuple[np.ndarray, np.ndarray]:
    """Rows of each that are known at the same time and have the same return; none where times repeat.

    None either where fewer than nine in ten of the rows known at the same time have the same return: other bars, on
    which equal returns (zeros) are chance.
    """
    if any(len(np.unique(each.known_at_N)) < len(each) for each in (first, second)):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    _, own_N, other_N = np.intersect1d(first.known_at_N, second.known_at_N, assume_unique=True, return_indices=True)
    same_N = first.return_N[own_N] == second.return_N[other_N]
    if len(same_N) == 0 or same_N.mean() < SAME_BARS:
        return own_N[:0], other_N[:0]
    return own_N[same_N], other_N[same_N]


def paired(first: JudgedRows, second: JudgedRows, *, row_loss: RowLoss) -> Paired | None:
    """``first`` less ``second``; None where they share no row.

    Intervals are normal, of the row-by-row difference, with rows of one session free to move together.
    """
    own_N, other_N = common_rows(first, second)
    if len(own_N) == 0:
        return None
    cluster_N = first.cluster_N[own_N]
    products = [
        rank_products(each.prediction_N[rows], each.return_N[rows])
        for each, rows in ((first, own_N), (second, other_N))
    ]
    return Paired(
        rows=len(own_N),
        rank_ic=_mean(products[0] - products[1], cluster_N),
        skill=_skill(first, second, own_N, other_N, cluster_N, row_loss=row_loss),
    )


def _skill(
    first: JudgedRows,
    second: JudgedRows,
    own_N: np.ndarray,
    other_N: np.ndarray,
    cluster_N: np.ndarray,
    *,
    row_loss: RowLoss,
) -> Estimate:
    target_N = first.target_N[own_N]
    if not np.array_equal(target_N, second.target_N[other_N]):
        return Estimate(value=ABSENT)
    own_loss_N = row_loss(first.prediction_N[own_N], target_N)
    other_loss_N = row_loss(second.prediction_N[other_N], target_N)
    base = float(other_loss_N.mean())
    return _mean((other_loss_N - own_loss_N) / base, cluster_N) if base > 0.0 else Estimate(value=ABSENT)


def _mean(value_N: np.ndarray, cluster_N: np.ndarray) -> Estimate:
    if np.isnan(value_N).any():
        return Estimate(value=ABSENT)
    means = group_means(value_N, np.zeros(len(value_N), dtype=np.int64), cluster_N, groups=1)
    return Estimate(value=float(means.mean_G[0]), low=float(means.low_G[0]), high=float(means.high_G[0]))
