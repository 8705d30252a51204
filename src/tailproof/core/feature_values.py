"""The values of all features at all bars, as the networks will read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from tailproof.arrays.scratch import blocks, rows_array


@dataclass(frozen=True, kw_only=True)
class NonFinite:
    """Values of one feature that are neither a number nor unknown."""

    first: int
    """The first bar that has one."""
    value: float
    count: int


@dataclass(frozen=True, kw_only=True)
class FeatureValues:
    """One row per bar; long arrays lie in a file (see ``rows_array``)."""

    names: tuple[str, ...]
    x_BF: np.ndarray
    """float32; NaN where not yet known."""
    known_F: np.ndarray
    """int64: bars at which each feature is known."""
    faults: dict[str, NonFinite]

    @classmethod
    def gather(cls, names: Sequence[str], pieces: Iterable[tuple[int, pl.DataFrame]], *, bars: int) -> FeatureValues:
        """Build from pieces of columns, each with the row it begins at; null in a piece means not yet known.

        >>> values = FeatureValues.gather(["a"], [(0, pl.DataFrame({"a": [None, 1.0]}))], bars=2)
        >>> values.x_BF.tolist(), values.known_F.tolist()
        ([[nan], [1.0]], [1])
        """
        place = {name: column for column, name in enumerate(names)}
        x_BF = rows_array((bars, len(names)))
        known_F = np.zeros(len(names), dtype=np.int64)
        faults: dict[str, NonFinite] = {}
        for start, values in pieces:
            for column in values:
                value_R = column.to_numpy()
                with np.errstate(over="ignore"):  # what single precision cannot hold is found below
                    single_R = value_R.astype(np.float32)
                x_BF[start : start + len(column), place[column.name]] = single_R
                known_F[place[column.name]] += column.count()
                _note_faults(faults, column, start, value_R, single_R)
        return cls(names=tuple(names), x_BF=x_BF, known_F=known_F, faults=faults)

    @classmethod
    def of(cls, frame: pl.DataFrame) -> FeatureValues:
        """Build from a table with one row per bar."""
        return cls.gather(frame.columns, [(0, frame)], bars=frame.height)

    def select(self, names: Sequence[str]) -> FeatureValues:
        """Some of the features, in this order."""
        if tuple(names) == self.names:
            return self
        column_F = [self.names.index(name) for name in names]
        x_BF = rows_array((len(self.x_BF), len(names)))
        for block in blocks(len(x_BF)):
            x_BF[block] = self.x_BF[block][:, column_F]
        return replace(
            self,
            names=tuple(names),
            x_BF=x_BF,
            known_F=self.known_F[column_F],
            faults={name: fault for name, fault in self.faults.items() if name in names},
        )


def _note_faults(
    faults: dict[str, NonFinite], column: pl.Series, start: int, value_R: np.ndarray, single_R: np.ndarray
) -> None:
    """Add the non-finite values of a piece to those found so far; its nulls are NaN in both arrays."""
    finite_R = np.isfinite(single_R)
    count = len(column) - column.null_count() - int(np.count_nonzero(finite_R))
    if not count:
        return
    before = faults.get(column.name)
    first = int(np.flatnonzero(~finite_R & column.is_not_null().to_numpy())[0])
    faults[column.name] = (
        NonFinite(first=start + first, value=float(value_R[first]), count=count)
        if before is None
        else replace(before, count=before.count + count)
    )
