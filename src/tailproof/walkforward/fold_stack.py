"""The stack of a fold: the network, ridge and LightGBM, weighted by the fold's validation rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tailproof.arrays.ranges import as_slice
from tailproof.core.fit import Parameters
from tailproof.engines.interface import Engine
from tailproof.evaluation import STACK, STACKED, fit_stack
from tailproof.objectives import Shrinkage
from tailproof.walkforward.fold_baselines import FoldBaselines
from tailproof.walkforward.training import FoldTraining


def fold_stack_weights(
    engine: Engine, training: FoldTraining, baselines: FoldBaselines, parameters: Parameters, *, shrinkage: Shrinkage
) -> dict[str, float]:
    """Weights by name, fitted on no row that the fold tests.

    They are equal where there are no validation rows, and where those are the rows that are judged.

    Args:
        engine: forecasts.
        training: the fold.
        baselines: which have forecast the fold's test rows.
        parameters: the best ones of the real members.
        shrinkage: the map that the network's forecasts of the fold go through.
    """
    fold, job = training.fold, training.job
    if not training.validates_apart:
        return dict.fromkeys(STACKED, 1.0 / len(STACKED))
    validation = as_slice(fold.validation)
    members = training.layout.only(role="real")
    network_R = shrinkage.apply(training.forecast(engine, members, parameters, job.x_NF[validation]).mean_R)
    every = {"network": network_R, **baselines.validation_forecasts(training)}
    forecasts = {name: every[name] for name in STACKED}
    return fit_stack(job.objective, forecasts, training.target_N[validation], center=training.constant)


def stack_notes(weights: Sequence[dict[str, float]]) -> tuple[str, ...]:
    """The mean weights over the folds in a sentence; none where there is no stack."""
    if not all(weights):
        return ()
    parts = [f"{name} {np.mean([of_fold[name] for of_fold in weights]):.2f}" for name in STACKED]
    return (
        f"The {STACK} is {', '.join(parts)} (weights fitted on validation rows; mean over the folds). It stands beside "
        "the verdict, which is about the network alone; the network is shipped.",
    )
