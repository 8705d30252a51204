"""Have the predictions moved from one fold to the next?"""

from __future__ import annotations

import numpy as np

from tailproof.core.verdict import DriftSlice

BINS = 10
LEAST_SHARE = 1e-4
"""Empty bins count as this share, as the logarithm of nothing is infinite."""


def prediction_drift(prediction_N: np.ndarray, fold_N: np.ndarray) -> tuple[DriftSlice, ...]:
    """Mean, spread and population stability index of each fold's predictions against those of the first fold.

    PSI = sum (a - b) ln(a / b) over tenths of the first fold's predictions, a the fold's share, b the first fold's
    (Siddiqi 2006).

    >>> table = prediction_drift(np.tile(np.arange(100.0), 2), np.repeat([0, 1], 100))
    >>> [(row.name, row.rows, row.mean, row.stability_index) for row in table]
    [('fold 1', 100, 49.5, 0.0), ('fold 2', 100, 49.5, 0.0)]
    """
    first_N = prediction_N[fold_N == fold_N.min()]
    edge_K = np.unique(np.quantile(first_N, np.linspace(0.0, 1.0, BINS + 1)[1:-1]))
    first_K = _shares(np.searchsorted(edge_K, first_N), len(edge_K) + 1)
    bin_N = np.searchsorted(edge_K, prediction_N)
    made = []
    for number, fold in enumerate(np.unique(fold_N)):
        inside_N = fold_N == fold
        own_K = _shares(bin_N[inside_N], len(edge_K) + 1)
        made.append(
            DriftSlice(
                name=f"fold {number + 1}",
                rows=int(inside_N.sum()),
                mean=float(prediction_N[inside_N].mean()),
                spread=float(prediction_N[inside_N].std()),
                stability_index=float(np.sum((own_K - first_K) * np.log(own_K / first_K))),
            )
        )
    return tuple(made)


def _shares(bin_N: np.ndarray, bins: int) -> np.ndarray:
    return np.maximum(np.bincount(bin_N, minlength=bins) / len(bin_N), LEAST_SHARE)
