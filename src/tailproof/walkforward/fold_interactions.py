"""The interactions beside a fold's networks, set apart from what the networks are trained on."""

from __future__ import annotations

import numpy as np

from tailproof.arrays.ranges import as_slice
from tailproof.arrays.scratch import blocks
from tailproof.core.records import Fold
from tailproof.models.fit_interactions import fit_interactions
from tailproof.models.interactions import NO_INTERACTIONS, Interactions


def set_interactions_apart(x_NF: np.ndarray, y_NT: np.ndarray, fold: Fold, *, wanted: bool) -> tuple[Interactions, ...]:
    """The interactions of each target column, fitted on the training rows; ``y_NT`` keeps what they leave.

    A placebo's are fitted to the placebo's own targets. Without being ``wanted`` there are none.
    """
    if not wanted:
        return tuple(NO_INTERACTIONS for _ in range(y_NT.shape[1]))
    train = as_slice(fold.train)
    every = fit_interactions(x_NF[train], y_NT[train])
    for column, interactions in enumerate(every):
        for block in blocks(len(x_NF)) if len(interactions) else ():
            y_NT[block, column] -= interactions.apply(x_NF[block])
    return every
