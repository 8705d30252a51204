"""Every fold trained and forecast, one after the other, and the members to ship."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np

from tailproof.arrays.parallel import map_one_ahead
from tailproof.core.fit import Fit
from tailproof.core.records import CombinatorialFold, Design, Fold
from tailproof.engines.interface import Engine
from tailproof.evaluation import STACK, stacked
from tailproof.objectives import Shrinkage
from tailproof.population import PopulationForecasts, PopulationLayout
from tailproof.settings.population_settings import PopulationSettings
from tailproof.walkforward.fold_baselines import FoldBaselines
from tailproof.walkforward.fold_result import FoldCheckpoint, FoldResult
from tailproof.walkforward.fold_shrinkage import fold_shrinkage
from tailproof.walkforward.fold_stack import fold_stack_weights
from tailproof.walkforward.importance import PermutationImportance
from tailproof.walkforward.part import tested
from tailproof.walkforward.plan import Plan
from tailproof.walkforward.pooled import PooledForecasts, pooled_forecasts
from tailproof.walkforward.training import FoldTraining, WarmStart

MAX_VALUES_AHEAD = 1 << 22
"""Inputs of a fold (16 MB) up to which it is set up while the one before trains; of longer ones one is in memory."""
MAX_NETWORKS_AHEAD = 8
"""Networks that train meanwhile, at most: so few take one core, more take all there are."""

FitFold = Callable[[FoldTraining, int], Fit]
"""Trains a fold's population; the number of the fold counts from 1, and is 0 for the members to ship."""


class SetUpFold(Protocol):
    """Fits the statistics of a fold and sets up its population: ``fold_training`` with a design and settings bound."""

    def __call__(
        self,
        fold: Fold | CombinatorialFold,
        *,
        placebo_row_KN: Sequence[np.ndarray] = (),
        warm: WarmStart | None = None,
    ) -> FoldTraining:
        """The fold, with its placebos' targets where rows for them are given, started from other members or anew."""
        ...


def run_folds(
    design: Design,
    plan: Plan,
    *,
    set_up: SetUpFold,
    shipped: FoldTraining,
    engine: Engine,
    fit_fold: FitFold,
    on_fold: Callable[[int, FoldCheckpoint], None],
    population: PopulationSettings,
    horizon: int,
    baselines: FoldBaselines | None,
    done: Sequence[FoldCheckpoint] = (),
) -> tuple[PooledForecasts, Fit]:
    """Train and forecast every fold of the plan; then the shipped members, where they are not a fold's own.

    Args:
        design: all rows.
        plan: folds and placebos.
        set_up: prepares the training of a fold.
        shipped: the training of the shipped window; of a holdout it is the only fold's.
        engine: forecasts.
        fit_fold: trains.
        on_fold: is called with each fold that is done and its number.
        population: how many members there are, and the seed of what is drawn for the statistics.
        horizon: bars that a label spans.
        baselines: forecast beside the members; None where there are none.
        done: the first folds, from a run that was stopped after them; the last of them with its fit.

    Returns:
        The forecasts with what stands beside them, and the fit of the shipped members alone.
    """
    results = [each.result for each in done]
    importance = PermutationImportance(design, plan, population)
    real_members = shipped.layout.only(role="real").members
    layout = PopulationLayout.with_placebos(real_members, placebos=len(plan.placebo_row_KN))
    fit: Fit | None = None
    if done:
        fit = done[-1].fit
        _restore(done, plan, importance, baselines, set_up)
    numbers = range(len(done) + 1, len(plan.folds) + 1)
    trainings = _trainings(design, plan, numbers, set_up, shipped, networks=len(layout.members))
    for number, training in zip(numbers, trainings, strict=True):
        fold = plan.folds[number - 1]
        if fit is not None and plan.warm_epochs is not None:
            training = training.begun_at(fit.best_parameters)
        fit = training.drawn_to_line(fit_fold(training, number))
        forecasts, shrinkage = forecast_test(engine, training, fit)
        real = layout.fit_of(fit, role="real")
        shuffled = importance.measure(engine, training, real.best_parameters, number=number)
        beside, weights = baselines.forecasts(training, number) if baselines else {}, {}
        if baselines and baselines.stack:
            weights = fold_stack_weights(engine, training, baselines, real.best_parameters, shrinkage=shrinkage)
            beside[STACK] = stacked(weights, {"network": forecasts.mean_R, **beside})
        results.append(_result(fold, training, fit, forecasts, beside, shrinkage=shrinkage, stack_weights=weights))
        on_fold(number, FoldCheckpoint(result=results[-1], shuffled=shuffled, groups=importance.groups, fit=fit))
    assert fit is not None, "a plan has folds"
    pooled = pooled_forecasts(design, plan, results, importance=importance.result(), horizon=horizon)
    if not plan.ships_its_own:
        return pooled, layout.fit_of(fit, role="real")
    warm = _warm(plan, len(plan.folds) + 1)
    if warm is not None:
        shipped = set_up(plan.shipped, warm=warm).begun_at(layout.fit_of(fit, role="real").best_parameters)
    return pooled, shipped.drawn_to_line(fit_fold(shipped, 0))


def _trainings(
    design: Design, plan: Plan, numbers: range, set_up: SetUpFold, shipped: FoldTraining, *, networks: int
) -> Iterator[FoldTraining]:
    """The folds of these numbers, set up: while the fold before trains, where that leaves a core and memory free."""
    if not plan.ships_its_own:
        return iter([shipped] * len(numbers))

    def training(number: int) -> FoldTraining:
        warm = _warm(plan, number)
        return set_up(plan.folds[number - 1], placebo_row_KN=plan.placebo_row_KN, warm=warm)

    rows = max(len(fold.train) if isinstance(fold, Fold) else len(design) for fold in plan.folds)
    ahead = networks <= MAX_NETWORKS_AHEAD and rows * len(design.names) <= MAX_VALUES_AHEAD
    return (map_one_ahead if ahead else map)(training, numbers)


def _restore(
    done: Sequence[FoldCheckpoint],
    plan: Plan,
    importance: PermutationImportance,
    baselines: FoldBaselines | None,
    set_up: SetUpFold,
) -> None:
    """Bring the importance and the baselines to where they stood after the folds of a stopped run."""
    importance.restore([each.shuffled for each in done if each.shuffled is not None], groups=done[-1].groups)
    if baselines is not None and len(done) < len(plan.folds):
        baselines.restore(len(done) + 1, lambda number: set_up(plan.folds[number - 1]))


def forecast_test(engine: Engine, training: FoldTraining, fit: Fit) -> tuple[PopulationForecasts, Shrinkage]:
    """Forecasts of a fold's test rows, drawn toward the constant as its validation rows say."""
    x_RF = training.job.x_NF[training.fold.test.start : training.fold.test.stop]
    shrinkage, of_placebos = fold_shrinkage(engine, training, training.layout, fit.best_parameters)
    forecasts = training.forecast(engine, training.layout, fit.best_parameters, x_RF)
    return forecasts.shrunk(shrinkage, of_placebos), shrinkage


def _warm(plan: Plan, number: int) -> WarmStart | None:
    """How a fold begins (the first is number 1) where folds start from the members of the fold before."""
    if number == 1 or plan.warm_epochs is None:
        return None
    return WarmStart(number=number, epochs=plan.warm_epochs)


def _result(
    fold: Fold | CombinatorialFold,
    training: FoldTraining,
    fit: Fit,
    forecasts: PopulationForecasts,
    baselines: dict[str, np.ndarray],
    *,
    shrinkage: Shrinkage,
    stack_weights: dict[str, float],
) -> FoldResult:
    test = training.fold.test
    paths = fold.paths if isinstance(fold, CombinatorialFold) else (0,)
    return FoldResult(
        row_R=training.part.test_row_R.copy(),
        path_R=np.repeat(paths, [len(rows) for rows in tested(fold)]),
        forecasts=forecasts,
        target_R=training.target_N[test.start : test.stop].copy(),
        predicted_return_R=training.transform.inverse(forecasts.mean_R),
        shrinkage=shrinkage,
        constant=training.constant,
        zero_return_target=training.zero_return_target,
        baselines=baselines,
        stack_weights=stack_weights,
        seconds=sum(record.seconds for record in fit.history),
        model_steps=sum(record.steps for record in fit.history) * len(training.job.members),
    )
