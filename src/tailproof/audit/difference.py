"""When two values of a feature differ: judged against the row's own size and a spread that no outlier can stretch."""

from __future__ import annotations

import numpy as np
import polars as pl

from tailproof.arrays.ranges import ceil_div

ROUNDING = 1e-9
"""Differences below this share are rounding: polars sums a group of one row in another order than a longer one.
Networks read single precision, which holds seven digits."""
FORGOTTEN = 1e-5
"""The same share where earlier rows differ too: a recursive average still remembers a millionth of what came before its
declared look-back, and a sum of squares under a root may double it."""
AT_REST = 1e-15
"""Always rounding: a feature of prices that rest is zero up to this."""
MAX_ROWS = 100_000
"""Rows that the spread is taken from, evenly over all."""


def spread_of(value_N: np.ndarray) -> float:
    """Interquartile range; of a value that half the rows share, the median distance of the others from it.

    >>> spread_of(np.append(np.arange(101.0), 1e10))
    51.0
    >>> spread_of(np.append(np.zeros(99), 0.25))
    0.25
    """
    value_N = value_N[:: max(ceil_div(len(value_N), MAX_ROWS), 1)]
    finite_N = value_N[np.isfinite(value_N)]
    if not len(finite_N):
        return 0.0
    low, middle, high = np.quantile(finite_N, [0.25, 0.5, 0.75], method="nearest")
    if high > low:
        return float(high - low)
    away_N = np.abs(finite_N - middle)
    away_N = away_N[away_N > 0.0]
    return float(np.median(away_N)) if len(away_N) else 0.0


def differing_rows(first_R: np.ndarray, second_R: np.ndarray, *, spread: float, share: float) -> np.ndarray:
    """Indices at which two columns (NaN where unknown) differ by more than ``share`` of own size and ``spread``.

    >>> first, second = np.array([1e10, 0.01, np.nan, 0.02]), np.array([1e10, 0.03, np.nan, np.nan])
    >>> differing_rows(first, second, spread=0.5, share=1e-9).tolist()
    [1, 3]
    """
    index_R = np.flatnonzero(first_R != second_R)
    one_R, other_R = first_R[index_R], second_R[index_R]
    with np.errstate(invalid="ignore"):
        small_R = np.abs(one_R - other_R) <= share * np.maximum(np.abs(one_R), spread) + AT_REST
    differing_R: np.ndarray = index_R[~(small_R | (np.isnan(one_R) & np.isnan(other_R)))]
    return differing_R


def numbers(values: pl.Series) -> np.ndarray:
    """The values as float64, NaN where the feature is not known."""
    return values.cast(pl.Float64).to_numpy()
