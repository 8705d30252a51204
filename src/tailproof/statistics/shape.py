"""The shape of a distribution in a few plain values, small enough to keep with the run."""

from __future__ import annotations

from typing import Any

import numpy as np

from tailproof.statistics.moments import excess_kurtosis

BINS = 60
TAILS = (0.001, 0.999)


def shape(value_N: np.ndarray) -> dict[str, Any]:
    """Range, moments, and a histogram of equal bins between the 0.1 % and the 99.9 % quantile.

    Values beyond that range are counted in ``below`` and ``above``, so that a fat tail neither flattens the picture nor
    vanishes.

    >>> summary = shape(np.arange(1001.0))
    >>> summary["lowest"], summary["highest"], summary["below"], summary["above"], sum(summary["counts"])
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
