"""Prepares the inputs of the folds from the settings of a run."""

from __future__ import annotations

from functools import partial

from tailproof.core.records import Design
from tailproof.settings.train_settings import TrainSettings
from tailproof.tasks import TASKS
from tailproof.walkforward import FoldBaselines, Plan, SetUpFold, fold_training


def fold_set_up(design: Design, settings: TrainSettings) -> SetUpFold:
    """The function that prepares the training of each fold of a design."""
    return partial(
        fold_training,
        design,
        task=TASKS[settings.task.target],
        network=settings.network,
        optimisation=settings.optimisation,
        population=settings.population,
        log_interval=settings.running.log_interval,
    )


def fold_baselines(plan: Plan, settings: TrainSettings) -> FoldBaselines | None:
    """The baselines that stand beside the forecasts; None where none were asked for."""
    if not settings.evaluation.baselines:
        return None
    return FoldBaselines(
        seed=settings.population.seed,
        tree_fit_every=plan.tree_fit_every,
        stack=settings.evaluation.ensemble == "stack",
    )
