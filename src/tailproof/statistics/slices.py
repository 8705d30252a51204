"""The sources of the rank IC: by month, by hour, in quiet and in wild sessions."""

from __future__ import annotations

import math

import numpy as np

from tailproof.arrays.times import HOUR_NS, as_datetimes
from tailproof.core.estimate import NORMAL_95
from tailproof.core.verdict import Slice
from tailproof.statistics.bootstrap import MIN_GROUPS
from tailproof.statistics.groups import Groups


def clusters_of(known_at_N: np.ndarray, groups: Groups) -> Groups:
    """Rows that may move together: the groups, or days (UTC) where these are too few for an interval."""
    return groups if len(groups) >= MIN_GROUPS else days_of(known_at_N)


def days_of(known_at_N: np.ndarray) -> Groups:
    """Rows of one day, UTC."""
    return Groups.of(known_at_N // (24 * HOUR_NS))


def by_fold(product_N: np.ndarray, fold_N: np.ndarray, groups: Groups) -> tuple[Slice, ...]:
    """Mean rank product of each fold, named by its number."""
    number_K, label_N = np.unique(fold_N, return_inverse=True)
    return slices(product_N, label_N, [str(number) for number in number_K], groups)


def by_month(product_N: np.ndarray, known_at_N: np.ndarray, groups: Groups) -> tuple[Slice, ...]:
    """Mean rank product of each calendar month, UTC."""
    month_N = as_datetimes(known_at_N).astype("datetime64[M]")
    first = month_N.min()
    label_N = (month_N - first).astype(np.int64)
    return slices(product_N, label_N, [str(first + step) for step in range(int(label_N.max()) + 1)], groups)


def by_hour(product_N: np.ndarray, known_at_N: np.ndarray, groups: Groups) -> tuple[Slice, ...]:
    """Mean rank product of each hour of the day, UTC, at which rows are known."""
    return slices(product_N, known_at_N // HOUR_NS % 24, [f"{hour:02d}:00" for hour in range(24)], groups)


def by_volatility(product_N: np.ndarray, return_N: np.ndarray, groups: Groups) -> tuple[Slice, ...]:
    """Mean rank product in the quietest, middle and wildest third of the groups, by mean absolute return.

    The thirds are known only afterwards: they describe, they are no rule to trade by.
    """
    size_G = groups.sums(np.abs(return_N)) / groups.sizes
    third_G = np.searchsorted(np.quantile(size_G, [1.0 / 3.0, 2.0 / 3.0]), size_G)
    return slices(product_N, np.repeat(third_G, groups.sizes), ["quiet", "middle", "wild"], groups)


def slices(product_N: np.ndarray, label_N: np.ndarray, names: list[str], groups: Groups) -> tuple[Slice, ...]:
    """Mean rank product of the rows with each label, with a standard error that takes groups for independent.

    The means, weighted by rows, add up to the pooled rank IC. The error is NaN for a slice that lies in one group; the
    interval is normal, and NaN for fewer than ten groups.

    >>> table = slices(np.array([1.0, 2.0, 3.0]), np.array([0, 0, 1]), ["a", "b"], Groups.of(np.array([0, 1, 1])))
    >>> [(row.name, row.rows, row.rank_ic) for row in table]
    [('a', 2, 1.5), ('b', 1, 3.0)]
    """
    cells_N = np.repeat(np.arange(len(groups)), groups.sizes) * len(names) + label_N
    cells = len(groups) * len(names)
    count_GK = np.bincount(cells_N, minlength=cells).reshape(len(groups), len(names))
    sum_GK = np.bincount(cells_N, weights=product_N, minlength=cells).reshape(len(groups), len(names))
    cut = []
    for count_G, sum_G, name in zip(count_GK.T, sum_GK.T, names, strict=True):
        rows, cells = int(count_G.sum()), int(np.count_nonzero(count_G))
        if rows == 0:
            continue
        mean = float(sum_G.sum()) / rows
        error = math.nan
        if cells > 1:
            spread = float(np.sum((sum_G - mean * count_G) ** 2))
            error = math.sqrt(cells / (cells - 1.0) * spread) / rows
        reach = NORMAL_95 * error if cells >= MIN_GROUPS else math.nan
        cut.append(Slice(name=name, rows=rows, rank_ic=mean, standard_error=error, low=mean - reach, high=mean + reach))
    return tuple(cut)
