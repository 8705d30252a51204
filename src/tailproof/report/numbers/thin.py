"""Fewer points for the eye, with nothing hidden: extremes stay, and means are means of all points."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Thinned:
    """One bucket of points each: mean of x and y, and the lowest and highest y."""

    x_K: np.ndarray
    mean_K: np.ndarray
    low_K: np.ndarray
    high_K: np.ndarray


def bucket_means(x_N: np.ndarray, y_NM: np.ndarray, *, buckets: int) -> Thinned:
    """Buckets of about equally many consecutive points; extremes are over all columns, NaN left aside.

    >>> thin = bucket_means(np.arange(4.0), np.array([[0.0], [9.0], [2.0], [4.0]]), buckets=2)
    >>> thin.mean_K.tolist(), thin.low_K.tolist(), thin.high_K.tolist()
    ([4.5, 3.0], [0.0, 2.0], [9.0, 4.0])
    """
    edges = np.unique(np.linspace(0, len(x_N), min(buckets, len(x_N)) + 1).astype(int))
    spans = [slice(start, stop) for start, stop in pairwise(edges)]
    finite_spans = [span for span in spans if np.isfinite(y_NM[span]).any()]
    return Thinned(
        x_K=np.array([x_N[span].mean() for span in finite_spans]),
        mean_K=np.array([np.nanmean(y_NM[span]) for span in finite_spans]),
        low_K=np.array([np.nanmin(y_NM[span]) for span in finite_spans]),
        high_K=np.array([np.nanmax(y_NM[span]) for span in finite_spans]),
    )


def keep_extremes(x_N: np.ndarray, y_N: np.ndarray, *, buckets: int) -> tuple[np.ndarray, np.ndarray]:
    """The first, lowest, highest and last point of each bucket, in order: a line through them looks like the whole.

    >>> keep_extremes(np.arange(6.0), np.array([0.0, 5.0, 1.0, 1.0, -7.0, 1.0]), buckets=1)[1].tolist()
    [0.0, 5.0, -7.0, 1.0]
    """
    if len(x_N) <= 4 * buckets:
        return (x_N, y_N) if buckets > 1 or len(x_N) <= 4 else _extremes(x_N, y_N, np.array([0, len(x_N)]))
    return _extremes(x_N, y_N, np.linspace(0, len(x_N), buckets + 1).astype(int))


def _extremes(x_N: np.ndarray, y_N: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    chosen: list[int] = []
    for start, stop in pairwise(edges):
        part = y_N[start:stop]
        chosen += sorted({start, start + int(np.argmin(part)), start + int(np.argmax(part)), stop - 1})
    return x_N[chosen], y_N[chosen]
