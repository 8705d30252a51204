"""Every fold trained and forecast, one after the other; the forecasts of all tests brought together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tailproof.core.fit import Fit
from tailproof.core.records import CombinatorialFold, Design, Fold, Forecast
from tailproof.engines.interface import Engine
from tailproof.evaluation import STACK, Evidence, spearman, stacked
from tailproof.objectives import Shrinkage
from tailproof.population import PopulationForecasts, PopulationLayout
from tailproof.settings.population_settings import PopulationSettings
from tailproof.walkforward.fold_baselines import FoldBaselines
from tailproof.walkforward.fold_result import FoldCheckpoint, FoldResult
from tailproof.walkforward.fold_shrinkage import fold_shrinkage
from tailproof.walkforward.fold_stack import fold_stack_weights, stack_notes
from tailproof.walkforward.importance import Importance, PermutationImportance
from tailproof.walkforward.part import tested
from tailproof.walkforward.plan import Plan
from tailproof.walkforward.training import FoldTraining, WarmStart

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


@dataclass(frozen=True, kw_only=True)
class PooledForecasts:
    """Forecasts of all test rows in time order, with everything that stands beside them.

    A row that several folds tested (in a combinatorial split) has the mean of what they said, about it and about the
    target, the constant and every baseline; so have the placebos. None of these folds trained on the row.
    """

    row_N: np.ndarray
    """Row of the design that each test row is."""
    forecast: Forecast
    constant_N: np.ndarray
    """Each row's constant: that of its fold's training rows."""
    zero_return_target_N: np.ndarray
    """Each row's target of a zero return."""
    group_N: np.ndarray
    fold_N: np.ndarray
    """Number, from 1, of the stretch of time that was tested at once: the fold, or the group of a combinatorial one."""
    evidence: Evidence
    importance: Importance | None
    """None where the forecasts or the returns never vary."""


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
    for number, fold in enumerate(plan.folds[len(done) :], start=len(done) + 1):
        training = shipped
        if plan.ships_its_own:
            warm = _warm(fit, plan, number)
            training = set_up(fold, placebo_row_KN=plan.placebo_row_KN, warm=warm)
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
    pooled = _pooled(design, plan, results, importance.result(), horizon=horizon)
    if not plan.ships_its_own:
        return pooled, layout.fit_of(fit, role="real")
    warm = _warm(layout.fit_of(fit, role="real"), plan, len(plan.folds) + 1)
    if warm is not None:
        shipped = set_up(plan.shipped, warm=warm)
    return pooled, shipped.drawn_to_line(fit_fold(shipped, 0))


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


def _warm(before: Fit | None, plan: Plan, number: int) -> WarmStart | None:
    """The members of the fold before, for a fold that starts from them."""
    if before is None or plan.warm_epochs is None:
        return None
    return WarmStart(parameters=before.best_parameters, number=number, epochs=plan.warm_epochs)


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


class _Pool:
    """Values of test rows from several folds, averaged where a row was tested more than once."""

    def __init__(self, results: list[FoldResult]) -> None:
        self.row_N, count_N = np.unique(np.concatenate([result.row_R for result in results]), return_counts=True)
        self._count_N = count_N
        self._results = [(result, np.searchsorted(self.row_N, result.row_R)) for result in results]

    def mean(self, values: Iterable[np.ndarray | float]) -> np.ndarray:
        """Mean (float64) over the folds that tested a row, from each fold's value or values of its test rows."""
        total_N = np.zeros(len(self.row_N))
        for (_, place_R), value in zip(self._results, values, strict=True):
            total_N[place_R] += value  # the test rows of one fold are distinct
        return total_N / self._count_N

    def unshrunk(self) -> np.ndarray | None:
        """Forecasts (float64) before they were drawn toward the constant; None where no fold's were."""
        if all(result.shrinkage.slope == 1.0 for result, _ in self._results):
            return None
        return self.mean(result.shrinkage.undo(result.forecasts.mean_R) for result, _ in self._results)

    def path_rank_ics(self, paths: int, return_N: np.ndarray) -> tuple[float, ...]:
        """Rank IC of each backtest path on its own; none where there is only one."""
        return tuple(spearman(self.on_path(path), return_N) for path in range(paths if paths > 1 else 0))

    def on_path(self, path: int) -> np.ndarray:
        """Forecasts (float64) of one backtest path, which tests every row once."""
        value_N = np.full(len(self.row_N), np.nan)
        for result, place_R in self._results:
            on_it_R = result.path_R == path
            value_N[place_R[on_it_R]] = result.forecasts.mean_R[on_it_R]
        return value_N


def _pooled(
    design: Design,
    plan: Plan,
    results: list[FoldResult],
    importance: Importance | None,
    *,
    horizon: int,
) -> PooledForecasts:
    pool = _Pool(results)
    row_N, return_N = pool.row_N, design.return_N[pool.row_N]
    fold_N = np.searchsorted(plan.test_starts, row_N, side="right")
    evidence = Evidence(
        unshrunk_N=pool.unshrunk(),
        baselines={name: pool.mean(result.baselines[name] for result in results) for name in results[0].baselines},
        placebo_rank_ics=tuple(
            spearman(pool.mean(result.forecasts.placebo_KR[k] for result in results), design.return_N[source_N[row_N]])
            for k, source_N in enumerate(plan.placebo_row_KN)
        ),
        member_rank_ics=tuple(
            spearman(pool.mean(result.forecasts.member_MR[m] for result in results), return_N)
            for m in range(len(results[0].forecasts.member_MR))
        ),
        path_rank_ics=pool.path_rank_ics(plan.paths, return_N),
        fold_N=fold_N if len(plan.test_starts) > 1 else None,
        expected_ic=plan.expected_ic,
        horizon=horizon,
        trained_on_later_rows=plan.trains_on_later_rows,
        notes=stack_notes([result.stack_weights for result in results]),
    )
    return PooledForecasts(
        row_N=row_N,
        forecast=Forecast(
            prediction_N=pool.mean(result.forecasts.mean_R for result in results),
            predicted_return_N=pool.mean(result.predicted_return_R for result in results),
            target_N=pool.mean(result.target_R for result in results),
            return_N=return_N,
            open_return_N=design.open_return_N[row_N],
            known_at_N=design.known_at_N[row_N],
            label_end_N=design.label_end_N[row_N],
            session_N=design.session_N[row_N],
            bar_N=design.bar_N[row_N],
            stretch_N=design.stretch_N[row_N],
        ),
        constant_N=pool.mean(result.constant for result in results),
        zero_return_target_N=pool.mean(result.zero_return_target for result in results),
        group_N=plan.group_N[row_N],
        fold_N=fold_N,
        evidence=evidence,
        importance=importance,
    )
