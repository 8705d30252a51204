"""Figures as functions of sums, so that a replicate is the same function of resampled sums.

A record of sums is a frozen dataclass whose fields are arrays, names, or records of the same kind. Every array has the
same leading axis X: groups of rows (G), replicates of the bootstrap (B), or nothing for the sum over all rows; a second
axis counts forecasters (K).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from tailproof.core.verdict import Interval
from tailproof.statistics.block_length import block_length
from tailproof.statistics.bootstrap import (
    MIN_GROUPS,
    no_interval,
    percentile_interval,
    resampled_sums,
)

Sums = TypeVar("Sums")
Figure = Callable[[Sums], np.ndarray]
"""Maps sums to a figure: one value for each place of the leading axis."""


@dataclass(frozen=True, kw_only=True)
class RankProducts:
    """Rows, and what the rank products of several forecasters with the return add up to."""

    names: tuple[str, ...]
    rows_X: np.ndarray
    product_XK: np.ndarray

    def rank_ic(self, name: str) -> np.ndarray:
        """Pooled rank IC of one forecaster."""
        return np.asarray(self.product_XK[..., self.names.index(name)] / self.rows_X)

    def rank_ic_above(self, name: str, other: str) -> np.ndarray:
        """Pooled rank IC of one forecaster less that of another; another that never varies counts as 0."""
        return np.asarray(self.rank_ic(name) - np.nan_to_num(self.rank_ic(other)))


@dataclass(frozen=True, kw_only=True)
class Resampled(Generic[Sums]):
    """Totals of a record of sums, and its replicates from the same drawn groups."""

    total: Sums
    replicates: Sums | None
    """None where there are too few groups to draw from."""
    by_group: Sums
    groups: int
    mean_block: float
    replications: int

    @classmethod
    def of(cls, by_group: Sums, score_G: np.ndarray, *, replications: int, rng: np.random.Generator) -> Resampled[Sums]:
        """Resample whole groups; ``score_G`` decides how long the blocks of groups are.

        >>> sums = RankProducts(names=("model",), rows_X=np.full(50, 10.0), product_XK=np.arange(50.0)[:, None])
        >>> drawn = Resampled.of(sums, np.arange(50.0) % 7, replications=100, rng=np.random.default_rng(0))
        >>> drawn.interval(lambda sums: sums.rank_ic("model")).value
        2.45
        """
        groups = len(score_G)
        mean_block = block_length(score_G)
        enough = groups >= MIN_GROUPS
        table_GC = np.concatenate([array.reshape(groups, -1) for array in _arrays(by_group)], axis=1)
        replicates = None
        if enough:
            total_BC = resampled_sums(table_GC, replications=replications, mean_block=mean_block, rng=rng)
            replicates = _with_columns(by_group, total_BC)
        return cls(
            total=_mapped(by_group, _over_groups),
            replicates=replicates,
            by_group=by_group,
            groups=groups,
            mean_block=mean_block,
            replications=replications if enough else 0,
        )

    def interval(self, figure: Figure[Sums]) -> Interval:
        """A figure with its interval, without bounds where there are too few groups."""
        value = float(figure(self.total))
        if self.replicates is None:
            return no_interval(value)
        return percentile_interval(value, figure(self.replicates), independent=self.groups / self.mean_block)


def _over_groups(sum_GK: np.ndarray) -> np.ndarray:
    """Sum over the first axis, each column for itself: pairwise summation needs its numbers side by side."""
    return np.asarray(np.ascontiguousarray(np.moveaxis(sum_GK, 0, -1)).sum(axis=-1))


def _arrays(record: Any) -> Iterator[np.ndarray]:
    """The arrays of a record of sums, in the order of its fields."""
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if isinstance(value, np.ndarray):
            yield value
        elif dataclasses.is_dataclass(value):
            yield from _arrays(value)


def _mapped(record: Sums, change: Callable[[np.ndarray], np.ndarray]) -> Sums:
    """The same record with every array changed."""
    changed: dict[str, Any] = {}
    for field in dataclasses.fields(record):  # type: ignore[arg-type]
        value = getattr(record, field.name)
        if isinstance(value, np.ndarray):
            changed[field.name] = change(value)
        elif dataclasses.is_dataclass(value):
            changed[field.name] = _mapped(value, change)
    return dataclasses.replace(record, **changed)  # type: ignore[type-var]


def _with_columns(record: Sums, table_BC: np.ndarray) -> Sums:
    """The record whose arrays are the table's columns, in the order of ``_arrays``."""
    used = 0

    def columns(array: np.ndarray) -> np.ndarray:
        nonlocal used
        width = int(np.prod(array.shape[1:]))
        part_BC = table_BC[:, used : used + width]
        used += width
        return part_BC.reshape(len(table_BC), *array.shape[1:])

    return _mapped(record, columns)
