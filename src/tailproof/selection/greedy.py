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
    search = _ForwardSearch(rank_NF, rank_N, group_N, t_F=alone.t_F, bound=alone.bound, random=random)
    reasons = [""] * len(names)
    while len(search.picked) < min(most, len(names)):
        best = search.best()
        if abs(search.t_F[best]) <= search.bound:
            break
        reasons[best] = search.reason_to_pick(best, names)
        search.pick(best)
    end = _SearchEnd(
        picked=search.picked,
        t_F=search.t_F,
        bound=search.bound,
        names=names,
        alone=alone,
        correlation_FF=correlation_FF,
        full=len(search.picked) >= most,
    )
    for column in range(len(names)):
        if not rank_NF[:, column].any():
            reasons[column] = "dropped: it never changes on the training rows"
        elif column not in search.picked:
            reasons[column] = end.reason_to_drop(column)
    return Choice(picked=tuple(search.picked), reason_F=tuple(reasons))


class _ForwardSearch:
    """The features picked so far, and what they leave of all others and of the return."""

    def __init__(
        self,
        rank_NF: np.ndarray,
        rank_N: np.ndarray,
        group_N: np.ndarray,
        *,
        t_F: np.ndarray,
        bound: float,
        random: np.random.Generator,
    ) -> None:
        self.picked: list[int] = []
        self.t_F, self.bound = t_F, bound
        """t of every feature beside the picked ones, and the largest |t| that chance reaches once in twenty times."""
        self._residual_NF, self._residual_N = rank_NF.copy(), rank_N.astype(np.float32).copy()
        self._group_N = group_N
        self._random = random

    @property
    def _open_F(self) -> np.ndarray:
        """Features that are not picked (bool)."""
        return ~np.isin(np.arange(len(self.t_F)), self.picked)

    def best(self) -> int:
        """The open feature with the largest |t|."""
        return int(np.argmax(np.where(self._open_F, np.abs(self.t_F), -1.0)))

    def reason_to_pick(self, column: int, names: tuple[str, ...]) -> str:
        """Why the next feature is picked."""
        how = f"beside {', '.join(names[each] for each in self.picked)}" if self.picked else "by itself"
        return (
            f"picked {_ordinal(len(self.picked) + 1)}: t {self.t_F[column]:+.1f} {how}, beyond the {self.bound:.1f} "
            f"that the largest of {int(self._open_F.sum())} reaches by chance"
        )

    def pick(self, column: int) -> None:
        """Take a feature out of all others and of the return, and measure again what is left."""
        self.picked.append(column)
        _take_out(self._residual_NF, self._residual_N, column)
        self.t_F, self.bound = _partial_t(self._residual_NF, self._residual_N, self._group_N, random=self._random)


@dataclass(frozen=True, kw_only=True)
class _SearchEnd:
    """The end of a search, for the reasons why features were left."""

    picked: list[int]
    t_F: np.ndarray
    bound: float
    names: tuple[str, ...]
    alone: Univariate
    correlation_FF: np.ndarray
    full: bool
    """Whether as many as were asked for are picked."""

    def reason_to_drop(self, column: int) -> str:
        """Why a feature that changes is not picked."""
        alone, t = self.alone, self.t_F[column]
        own = f"rank IC {alone.ic_F[column]:+.4f} [{alone.low_F[column]:+.4f}, {alone.high_F[column]:+.4f}]"
        says_much = abs(alone.t_F[column]) > alone.bound
        if not self.picked:
            chance = f", within what the largest of {len(self.names)} reaches by chance"
            return f"dropped: {own}{'' if says_much else chance}"
        if abs(t) > self.bound and self.full:
            return f"dropped: it would add (t {t:+.1f}), but the number asked for is reached"
        if not says_much:
            return f"dropped: {own}, t {alone.t_F[column]:+.1f}; {alone.bound:.1f} needed"
        twin = max(self.picked, key=lambda other: abs(self.correlation_FF[column, other]))
        return (
            f"dropped: {own} by itself, but beside the picked it adds nothing (t {t:+.1f}, {self.bound:.1f} needed); "
            f"nearest is {self.names[twin]}, rank correlation {self.correlation_FF[column, twin]:+.2f}"
        )


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


def _ordinal(number: int) -> str:
    """The place in a row.

    >>> [_ordinal(number) for number in (1, 4, 11, 21, 102)]
    ['first', '4th', '11th', '21st', '102nd']
    """
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}{ending}")
