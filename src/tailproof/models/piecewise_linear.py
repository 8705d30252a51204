"""Inputs as piecewise-linear values of their bins: fitted on training rows, computed before a network's layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from tailproof.arrays.parallel import map_in_threads
from tailproof.arrays.scratch import blocks, rows_array
from tailproof.models.spec import NetSpec, PiecewiseLinear

MIN_WIDTH = 0.01
"""Edges must be so far apart, in scaled units: what lies outside the first or the last bin stays within a thousand."""
VALUES_AT_ONCE = 1 << 22
"""Values (16 MB) that are computed at a time."""


def fit_piecewise_linear(x_NF: np.ndarray, *, bins: int) -> PiecewiseLinear:
    """Bins of each input that hold about as many training rows each: their edges are the rows' own quantiles.

    An input whose quantiles repeat has fewer bins: edges nearer than 0.01 to the one before are left out. One that
    never varies has a single bin that begins at its value and is 1 wide, so that all training rows become 0.

    Args:
        x_NF: scaled inputs (float32, finite) of the training rows; nothing else has a part in the edges.
        bins: for each input, at most.

    >>> fit_piecewise_linear(np.array([[-1, 7], [0, 7], [1, 7], [3, 7]], dtype=np.float32), bins=2).edges
    ((-1.0, 0.0, 3.0), (7.0, 8.0))
    """
    shares = np.linspace(0.0, 1.0, bins + 1)

    def edges(column: int) -> tuple[float, ...]:
        quantiles = np.quantile(np.array(x_NF[:, column]), shares, method="inverted_cdf").tolist()
        apart = tuple(_apart(quantiles))
        return apart if len(apart) > 1 else (apart[0], apart[0] + 1.0)

    return PiecewiseLinear(edges=tuple(map_in_threads(edges, range(x_NF.shape[1]))))


def _apart(rising: list[float]) -> Iterator[float]:
    """The first value, and each that lies far enough above the one before it."""
    last = -np.inf
    for value in rising:
        if value - last >= MIN_WIDTH:
            yield value
            last = value


@dataclass(frozen=True, kw_only=True)
class Bins:
    """The K bins of all inputs, in the order of the values that they become (float32)."""

    input_K: np.ndarray
    """Number of each bin's input (int64)."""
    start_K: np.ndarray
    width_K: np.ndarray
    lowest_K: np.ndarray
    """The least value of the bin: 0, or minus infinity in the first bin of an input."""
    highest_K: np.ndarray
    """The largest value: 1, or infinity in the last bin."""

    def values(self, x_RF: np.ndarray) -> np.ndarray:
        """The values of rows, (rows, bins): elementwise operations in single precision, the same in every engine."""
        value_RK = np.take(x_RF, self.input_K, axis=1)
        value_RK -= self.start_K
        value_RK /= self.width_K
        np.maximum(value_RK, self.lowest_K, out=value_RK)
        np.minimum(value_RK, self.highest_K, out=value_RK)
        return value_RK

    def line(self, slope_TF: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lines of the inputs as lines of the bins' values, (lines, bins), and what they are where every value is 0.

        An input is the first edge of its bins and, for each bin, the width times the value.

        >>> bins_of(PiecewiseLinear(edges=((-1.0, 0.0, 2.0),))).line(np.array([[3.0]]))
        (array([[3., 6.]]), array([-3.]))
        """
        first_F = self.start_K[np.isneginf(self.lowest_K)].astype(np.float64)
        return slope_TF[:, self.input_K] * self.width_K, slope_TF @ first_F


@lru_cache(maxsize=64)
def bins_of(embedding: PiecewiseLinear) -> Bins:
    """The bins of an embedding as arrays, for whoever computes its values."""
    edges = [np.array(each, dtype=np.float32) for each in embedding.edges]
    counts = [len(each) - 1 for each in edges]
    last_K = np.cumsum(counts) - 1
    lowest_K, highest_K = np.zeros(embedding.width, dtype=np.float32), np.ones(embedding.width, dtype=np.float32)
    lowest_K[last_K + 1 - counts], highest_K[last_K] = -np.inf, np.inf
    return Bins(
        input_K=np.repeat(np.arange(len(edges)), counts),
        start_K=np.concatenate([each[:-1] for each in edges]),
        width_K=np.concatenate([np.diff(each) for each in edges]),
        lowest_K=lowest_K,
        highest_K=highest_K,
    )


def embedded(spec: NetSpec, x_NF: np.ndarray) -> tuple[NetSpec, np.ndarray]:
    """The network that follows the embedding, and the values that it takes in place of the inputs.

    Engines run networks without embeddings alone: they begin by asking this. A row's values do not depend on other
    rows. They are in a ``rows_array`` of 4 bytes for each bin and row: nine inputs in 8 bins take 288 bytes a row, in
    a file where that is more than 64 MB.

    >>> from tailproof.models.spec import Linear
    >>> spec = NetSpec(
    ...     inputs=1,
    ...     embedding=PiecewiseLinear(edges=((-1.0, 0.0, 2.0),)),
    ...     layers=(Linear(inputs=2, outputs=1),),
    ... )
    >>> rest, value_NK = embedded(spec, np.array([[-2.0], [-0.5], [1.0], [4.0]], dtype=np.float32))
    >>> rest.describe(), value_NK.tolist()
    ('Linear(2, 1)', [[-1.0, 0.0], [0.5, 0.0], [1.0, 0.5], [1.0, 2.0]])
    """
    if spec.embedding is None:
        return spec, x_NF
    bins = bins_of(spec.embedding)
    value_NK = rows_array((len(x_NF), spec.width))
    for block in blocks(len(x_NF), size=max(1, VALUES_AT_ONCE // spec.width)):
        value_NK[block] = bins.values(x_NF[block])
    return replace(spec, inputs=spec.width, embedding=None), value_NK
