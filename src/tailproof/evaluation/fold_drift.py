"""Have the predictions moved from one fold to the next?"""

from __future__ import annotations

import numpy as np

from tailproof.core.verdict import DriftSlice
from tailproof.statistics.drift import ReferenceBins


def prediction_drift(prediction_N: np.ndarray, fold_N: np.ndarray) -> tuple[DriftSlice, ...]:
    """Mean, spread and population stability index of each fold's predictions against those of the first fold.

    >>> table = prediction_drift(np.tile(np.arange(100.0), 2), np.repeat([0, 1], 100))
    >>> [(row.name, row.rows, row.mean, row.stability_index) for row in table]
    [('fold 1', 100, 49.5, 0.0), ('fold 2', 100, 49.5, 0.0)]
    """
    first_N = prediction_N[fold_N == fold_N.min()]
    bins = ReferenceBins.of(first_N)
    drifts = []
    for number, fold in enumerate(np.unique(fold_N)):
        inside_N = fold_N == fold
        own_R = prediction_N[inside_N]
        drifts.append(
            DriftSlice(
                name=f"fold {number + 1}",
                rows=len(own_R),
                mean=float(own_R.mean()),
                spread=float(own_R.std()),
                stability_index=bins.psi(own_R),
            )
        )
    return tuple(drifts)
