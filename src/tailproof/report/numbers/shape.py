"""The shape of a distribution in a few plain values, small enough to keep with the run."""

from __future__ import annotations

from typing import Any

import numpy as np

BINS = 60
TAILS = (0.001, 0.999)


def shape(value_N: np.ndarray) -> dict[str, Any]:
    """Range, moments, and a histogram of equal bins between the 0.1 % and the 99.9 % quantile.

    What lies beyond is counted in ``below`` and ``above``, so that a fat tail neither flattens the picture nor
    vanishes.

    >>> told = shape(np.arange(1001.0))
    >>> told["lowest"], told["highest"], told["below"], told["above"], sum(told["counts"])
    (0.0, 1000.0, 1, 1, 999)
    """
    low, high = (float(edge) for edge in np.quantile(value_N, TAILS))
    if low == high:
        low, high = float(value_N.min()), float(value_N.max())
    count_K, edge_K = np.histogram(value_N, bins=BINS, range=(low, high))
    tails = excess_kurtosis(value_N)
    return {
        "rows": len(value_N),
        "lowest": float(value_N.min()),
        "highest": float(value_N.max()),
        "mean": float(value_N.mean()),
        "standard_deviation": float(value_N.std()),
        "excess_kurtosis": tails if np.isfinite(tails) else None,
        "edges": edge_K.tolist(),
        "counts": count_K.tolist(),
        "below": int((value_N < low).sum()),
        "above": int((value_N > high).sum()),
    }


def excess_kurtosis(value_N: np.ndarray) -> float:
    """Fourth central moment over the squared variance, less the 3 of a normal distribution; NaN for a constant.

    The moments are those of the sample, without correction for its size (Joanes and Gill 1998, g2), as
    ``scipy.stats.kurtosis`` gives them, which takes a second to import.

    >>> excess_kurtosis(np.array([0.0, 1.0]))
    -2.0
    """
    square_N = (value_N - value_N.mean()) ** 2
    variance = float(square_N.mean())
    return float((square_N**2).mean()) / variance**2 - 3.0 if variance > 0.0 else float("nan")
