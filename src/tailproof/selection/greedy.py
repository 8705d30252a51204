"""A greedy choice of features: each one picked for what it adds to those before it, each other dropped for a reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tailproof.arrays.products import one_blas_thread
from tailproof.selection.univariate import Univariate, t_and_bound
from tailproof.statistics.groups import Groups


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Columns in the order picked, and a reason for every column."""

    picked: tuple[int, ...]
    reason_F: tuple[str, ...]


def choose(
    rank_NF: np.ndarray,
    rank_N: np.ndarray,
    group_N: np.ndarray,
    *,
    names: tuple[str, ...],
    alone: Univariate,
    correlation_FF: np.ndarray,
    most: int,
    random: np.random.Generator,
) -> Choice:
    """Forward selection on ranks: at each step the feature with the largest t beside those already picked.

    A candidate must beat the |t| that the largest of all candidates reaches by chance once in twenty times, so that the
    number of candidates is paid for; when none does, the choice ends, at the first step with no feature at all.
    """
    residual_NF, residual_N = rank_NF.copy(), rank_N.astype(np.float32).copy()
    picked: list[int] = []
    reasons = [""] * len(names)
    t_F, bound = alone.t_F, alone.bound
    while len(picked) < min(most, len(names)):
        open_F = np.array([column not in picked for column in range(len(names))])
        best = int(np.argmax(np.where(open_F, np.abs(t_F), -1.0)))
        if abs(t_F[best]) <= bound:
            break
        how = f"beside {', '.join(names[column] for column in picked)}" if picked else "by itself"
        reasons[best] = (
            f"picked {_ordinal(len(picked) + 1)}: t {t_F[best]:+.1f} {how}, beyond the {bound:.1f} that the largest of "
            f"{int(open_F.sum())} reaches by chance"
        )
        picked.append(best)
        _take_out(residual_NF, residual_N, best)
        t_F, bound = _partial_t(residual_NF, residual_N, group_N, random=random)
    for column in range(len(names)):
        if not rank_NF[:, column].any():
            reasons[column] = "dropped: it never changes on the training rows"
        elif column not in picked:
            reasons[column] = _why_not(
                column, names, picked, alone, t_F, bound, correlation_FF, full=len(picked) >= most
            )
    return Choice(picked=tuple(picked), reason_F=tuple(reasons))


@one_blas_thread()
def _take_out(residual_NF: np.ndarray, residual_N: np.ndarray, column: int) -> None:
    """Make every column and the return orthogonal to ``column``, in place."""
    direction_N = residual_NF[:, column].copy()
    norm = float(direction_N @ direction_N)
    weight_F = (residual_NF.T @ direction_N) / norm
    for other, weight in enumerate(weight_F):
        residual_NF[:, other] -= np.float32(weight) * direction_N
    residual_N -= np.float32(float(residual_N @ direction_N) / norm) * direction_N
    residual_NF[:, column] = 0.0


def _partial_t(
    residual_NF: np.ndarray, residual_N: np.ndarray, group_N: np.ndarray, *, random: np.random.Generator
) -> tuple[np.ndarray, float]:
    """t of each column's partial covariance with the return, both made orthogonal to the picked ones."""
    # A column that the picked ones determine leaves rounding only.
    left_F = (residual_NF**2).mean(axis=0, dtype=np.float64) > 1e-4
    sum_GF = Groups.of(group_N).sums(residual_NF * residual_N[:, None])
    return t_and_bound(sum_GF * left_F, random=random)


def _why_not(
    column: int,
    names: tuple[str, ...],
    picked: list[int],
    alone: Univariate,
    t_F: np.ndarray,
    bound: float,
    correlation_FF: np.ndarray,
    *,
    full: bool,
) -> str:
    own = f"rank IC {alone.ic_F[column]:+.4f} [{alone.low_F[column]:+.4f}, {alone.high_F[column]:+.4f}]"
    if abs(alone.t_F[column]) <= alone.bound and not picked:
        return f"dropped: {own}, within what the largest of {len(names)} reaches by chance"
    if picked:
        twin = max(picked, key=lambda other: abs(correlation_FF[column, other]))
        rho = correlation_FF[column, twin]
        if abs(t_F[column]) > bound and full:
            return f"dropped: it would add (t {t_F[column]:+.1f}), but the number asked for is reached"
        if abs(alone.t_F[column]) > alone.bound:
            return (
                f"dropped: {own} by itself, but beside the picked it adds nothing (t {t_F[column]:+.1f}, {bound:.1f} "
                f"needed); nearest is {names[twin]}, rank correlation {rho:+.2f}"
            )
        return f"dropped: {own}, t {alone.t_F[column]:+.1f}; {alone.bound:.1f} needed"
    return f"dropped: {own}"


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")
