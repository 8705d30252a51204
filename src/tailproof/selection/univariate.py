"""The information of each single feature about the next return: rank IC by session, mutual information."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tailproof.arrays.products import one_blas_thread
from tailproof.arrays.ranges import ceil_div
from tailproof.statistics.bootstrap import resampled_sums
from tailproof.statistics.groups import Groups

DRAWS = 999
BINS = 16
SHIFTS = 19


@dataclass(frozen=True, kw_only=True)
class Univariate:
    """One value per feature, arrays (F,)."""

    ic_F: np.ndarray
    """Pooled rank IC: the mean over the groups of their share in it."""
    low_F: np.ndarray
    high_F: np.ndarray
    """95 % interval by stationary block bootstrap of groups (percentiles)."""
    t_F: np.ndarray
    """IC over its standard error, which allows for dependence inside groups."""
    bound: float
    """|t| that the largest of all features exceeds with probability 5 % when none says anything."""
    information_F: np.ndarray
    """Mutual information with the return in nats, its small-sample bias taken off."""
    information_z_F: np.ndarray
    """The same in standard deviations of what shifted returns give. It sees volatility too: judge by the IC first."""


def univariate(
    rank_NF: np.ndarray, rank_N: np.ndarray, group_N: np.ndarray, *, random: np.random.Generator
) -> Univariate:
    """Rank IC and mutual information of every feature with the return.

    Args:
        rank_NF: standardised ranks of the features over these rows.
        rank_N: standardised ranks of the returns.
        group_N: session of each row, or month for daily bars; rows of a group are neighbours.
        random: for the bootstrap and the shifts.
    """
    groups = Groups.of(group_N)
    sum_GF = groups.sums(rank_NF * rank_N[:, None])
    ic_F = sum_GF.sum(axis=0) / groups.sizes.sum()
    drawn_DC = resampled_sums(
        np.c_[groups.sizes, sum_GF], replications=DRAWS, mean_block=_block(len(groups)), rng=random
    )
    low_F, high_F = np.percentile(drawn_DC[:, 1:] / drawn_DC[:, :1], [2.5, 97.5], axis=0)
    t_F, bound = t_and_bound(sum_GF, random=random)
    information_F, z_F = information(rank_NF, rank_N, random=random)
    return Univariate(
        ic_F=ic_F, low_F=low_F, high_F=high_F, t_F=t_F, bound=bound, information_F=information_F, information_z_F=z_F
    )


@one_blas_thread()
def t_and_bound(sum_GF: np.ndarray, *, random: np.random.Generator) -> tuple[np.ndarray, float]:
    """Each feature's t from its sums by group (G, F), and the |t| that chance reaches in one of twenty.

    t is the total over its standard error, the groups taken as independent (cluster-robust: Liang and Zeger 1986). The
    bound is the 95th percentile of the largest |t|, computed anew each time, when whole blocks of groups change sign at
    random (wild bootstrap with the null imposed: Cameron, Gelbach and Miller 2008; the largest of many: Romano and Wolf
    2005). Features that are zero throughout have t = 0.
    """
    groups = len(sum_GF)
    square_F = (sum_GF**2).sum(axis=0)
    usable_F = square_F > 1e-12
    length = round(_block(groups))
    sign_DB = random.choice([-1.0, 1.0], size=(DRAWS, ceil_div(groups, length)))
    sign_DG = np.repeat(sign_DB, length, axis=1)[:, :groups]
    drawn_DF = _t(sign_DG @ sum_GF[:, usable_F], square_F[usable_F], groups)
    bound = float(np.quantile(np.abs(drawn_DF).max(axis=1), 0.95)) if usable_F.any() else float("inf")
    return np.where(usable_F, _t(sum_GF.sum(axis=0), np.maximum(square_F, 1e-12), groups), 0.0), bound


def _block(groups: int) -> float:
    """Groups to a block, the same for all features: the cube root (Hall, Horowitz and Jing 1995)."""
    return float(max(1, round(groups ** (1.0 / 3.0))))


def _t(total: np.ndarray, square_F: np.ndarray, groups: int) -> np.ndarray:
    """total / sqrt(G / (G - 1) sum of (sum - mean)²), from the total and the sum of squares."""
    spread = np.maximum(square_F - total**2 / groups, 1e-12)
    return np.asarray(total / np.sqrt(groups / max(groups - 1, 1) * spread))


def information(
    rank_NF: np.ndarray, rank_N: np.ndarray, *, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Mutual information in nats of each feature with the return, and its z against circularly shifted returns.

    Plug-in estimate on 16 x 16 equally filled bins less its bias, (bins - 1)² / (2 rows) (Miller 1955).

    >>> values_N = np.random.default_rng(0).standard_normal(4000)
    >>> nats_F, _ = information(values_N[:, None], values_N, random=np.random.default_rng(0))
    >>> bool(abs(nats_F[0] - np.log(16)) < 0.05)
    True
    """
    rows, features = rank_NF.shape
    return_bin_N = equal_bins(rank_N)
    shift_S = random.integers(rows // 10, max(rows - rows // 10, rows // 10 + 1), size=SHIFTS)
    information_F, z_F = np.zeros(features), np.zeros(features)
    for feature in range(features):
        bin_N = equal_bins(rank_NF[:, feature])
        own = _nats(bin_N, return_bin_N)
        shifted_S = np.array([_nats(bin_N, np.roll(return_bin_N, int(shift))) for shift in shift_S])
        spread = float(shifted_S.std(ddof=1))
        information_F[feature] = own
        z_F[feature] = (own - float(shifted_S.mean())) / spread if spread > 0.0 else 0.0
    return information_F, z_F


def equal_bins(values_N: np.ndarray) -> np.ndarray:
    """Number of the equally filled bin of each value (int64); ties share one, so that there may be fewer than 16."""
    edges = np.unique(np.quantile(values_N, np.arange(1, BINS) / BINS))
    return np.searchsorted(edges, values_N, side="left")


def _nats(first_N: np.ndarray, second_N: np.ndarray) -> float:
    rows = len(first_N)
    joint = np.bincount(first_N * BINS + second_N, minlength=BINS * BINS).reshape(BINS, BINS) / rows
    rows_of, columns_of = joint.sum(axis=1), joint.sum(axis=0)
    filled = joint > 0.0
    nats = float((joint[filled] * np.log(joint[filled] / np.outer(rows_of, columns_of)[filled])).sum())
    bias = (int((rows_of > 0).sum()) - 1) * (int((columns_of > 0).sum()) - 1) / (2.0 * rows)
    return nats - bias
