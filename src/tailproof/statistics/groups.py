"""Groups of consecutive rows, for which figures are also computed one by one, and which are resampled whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tailproof.arrays.times import as_datetimes


def group_numbers(session_N: np.ndarray, known_at_N: np.ndarray, *, daily: bool) -> np.ndarray:
    """The session of each row, or for daily bars its calendar month (int64, rising with time)."""
    if not daily:
        return session_N.astype(np.int64)
    return as_datetimes(known_at_N).astype("datetime64[M]").astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Consecutive rows with the same number.

    >>> groups = Groups.of(np.array([7, 7, 8]))
    >>> groups.sums(np.array([1.0, 2.0, 5.0])).tolist(), groups.sizes.tolist()
    ([3.0, 5.0], [2, 1])
    """

    starts: np.ndarray
    """int64 first row of each group."""
    sizes: np.ndarray
    """int64 rows of each group."""

    @classmethod
    def of(cls, group_N: np.ndarray) -> Groups:
        """Cut wherever the number changes."""
        starts = np.flatnonzero(np.r_[True, group_N[1:] != group_N[:-1]])
        return cls(starts=starts, sizes=np.diff(np.r_[starts, len(group_N)]))

    def __len__(self) -> int:
        return len(self.starts)

    def sums(self, values_N: np.ndarray) -> np.ndarray:
        """Sum of the values in each group (float64), column by column where there are several."""
        return np.add.reduceat(np.asarray(values_N, dtype=np.float64), self.starts, axis=0)
