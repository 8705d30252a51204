"""Every fold trained and forecast, one after the other; the forecasts of all tests brought together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tailproof.core.fit import Fit
from tailproof.core.records import CombinatorialFold, Design, Fold, Forecast
from tailproof.engines.interface import Engine
from tailproof.evaluation import Evidence, spearman
from tailproof.settings.train_settings import TrainSettings
from tailproof.walkforward.baselines import FoldBaselines
from tailproof.walkforward.fold_result import FoldDone, FoldResult
from tailproof.walkforward.importance import Asking, Importance
from tailproof.walkforward.part import tested
from tailproof.walkforward.plan import Plan
from tailproof.walkforward.training import FoldForecasts, FoldTraining, WarmStart, fold_training, forecast, real_fit

FitFold = Callable[[FoldTraining, int], Fit]
"""Trains a fold's population; the number of the fold counts from 1, and is 0 for the members to ship."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Forecasts of all test rows in time order, with everything that stands beside them.

    A row that several folds tested (in a combinatorial split) has the mean of what they said, about it and about the
    target, the constant and every baseline; so have the placebos. None of these folds trained on the row.
    """

    row_N: np.ndarray
    """Row of the design that each test row is."""
    forecast: Forecast
    constant_N: np.ndarray
    """Each row's constant: that of its fold's training rows."""
    neutral_N: np.ndarray
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
    settings: TrainSettings,
    *,
    shipped: FoldTraining,
    engine: Engine,
    fit_fold: FitFold,
    on_fold: Callable[[int, FoldDone], None],
    done: Sequence[FoldDone] = (),
) -> tuple[Judged, Fit]:
    """Train and forecast every fold of the plan; then the shipped members, where they are not a fold's own.

    Args:
        design: all rows.
        plan: folds and placebos.
        settings: what to train.
        shipped: the training of the shipped window; of a holdout it is the only fold's.
        engine: forecasts.
        fit_fold: trains.
        on_fold: is told of each fold that is done, by its number.
        done: the first folds, from a run that was stopped after them; the last of them with its fit.

    Returns:
        The forecasts with what stands beside them, and the fit of the shipped members alone.
    """
    results = [each.result for each in done]
    asking = Asking(design, plan, settings)
    baselines = FoldBaselines(seed=settings.seed, tree_fit_every=plan.tree_fit_every) if settings.baselines else None
    fit: Fit | None = None
    if done:
        fit = done[-1].fit
        asking.go_on([each.shuffled for each in done if each.shuffled is not None], groups=done[-1].groups)
        if baselines is not None and len(done) < len(plan.folds):
            baselines.go_on(len(done) + 1, lambda number: fold_training(design, plan.folds[number - 1], settings))
    for number, fold in enumerate(plan.folds[len(done) :], start=len(done) + 1):
        training = shipped
        if plan.ships_its_own:
            warm = _warm(fit, settings, number)
            training = fold_training(design, fold, settings, placebo_row_KN=plan.placebo_row_KN, warm=warm)
        fit = fit_fold(training, number)
        x_RF = training.job.x_NF[training.fold.test.start : training.fold.test.stop]
        forecasts = forecast(engine, training.job.spec, fit.best_parameters, x_RF, members=settings.members)
        shuffled = asking.ask(engine, training, real_fit(fit, settings.members).best_parameters, number=number)
        results.append(
            _result(fold, training, fit, forecasts, baselines.forecasts(training, number) if baselines else {})
        )
        on_fold(number, FoldDone(result=results[-1], shuffled=shuffled, groups=asking.groups, fit=fit))
    assert fit is not None, "a plan has folds"
    judged = _pooled(design, plan, settings, results, asking.answer())
    if not plan.ships_its_own:
        return judged, real_fit(fit, settings.members)
    warm = _warm(real_fit(fit, settings.members), settings, len(plan.folds) + 1)
    if warm is not None:
        shipped = fold_training(design, plan.shipped, settings, warm=warm)
    return judged, fit_fold(shipped, 0)


def _warm(before: Fit | None, settings: TrainSettings, number: int) -> WarmStart | None:
    """The members of the fold before, for a fold that starts from them."""
    if before is None or not settings.warm_start:
        return None
    return WarmStart(parameters=before.best_parameters, number=number)


def _result(
    fold: Fold | CombinatorialFold,
    training: FoldTraining,
    fit: Fit,
    forecasts: FoldForecasts,
    baselines: dict[str, np.ndarray],
) -> FoldResult:
    test = training.fold.test
    paths = fold.paths if isinstance(fold, CombinatorialFold) else (0,)
    return FoldResult(
        row_R=training.part.test_row_R.copy(),
        path_R=np.repeat(paths, [len(rows) for rows in tested(fold)]),
        forecasts=forecasts,
        target_R=training.target_N[test.start : test.stop].copy(),
        predicted_return_R=training.transform.inverse(forecasts.mean_R),
        constant=training.constant,
        neutral=training.neutral,
        baselines=baselines,
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

    def on_path(self, path: int) -> np.ndarray:
        """Forecasts (float64) of one backtest path, which tests every row once."""
        value_N = np.full(len(self.row_N), np.nan)
        for result, place_R in self._results:
            on_it_R = result.path_R == path
            value_N[place_R[on_it_R]] = result.forecasts.mean_R[on_it_R]
        return value_N


def _pooled(
    design: Design, plan: Plan, settings: TrainSettings, results: list[FoldResult], importance: Importance | None
) -> Judged:
    pool = _Pool(results)
    row_N = pool.row_N
    return_N = design.return_N[row_N]
    fold_N = np.searchsorted(plan.test_starts, row_N, side="right")
    paths = range(plan.paths if plan.paths > 1 else 0)
    evidence = Evidence(
        baselines={name: pool.mean(result.baselines[name] for result in results) for name in results[0].baselines},
        placebo_rank_ics=tuple(
            spearman(pool.mean(result.forecasts.placebo_KR[k] for result in results), design.return_N[source_N[row_N]])
            for k, source_N in enumerate(plan.placebo_row_KN)
        ),
        member_rank_ics=tuple(
            spearman(pool.mean(result.forecasts.member_MR[m] for result in results), return_N)
            for m in range(settings.members)
        ),
        path_rank_ics=tuple(spearman(pool.on_path(path), return_N) for path in paths),
        fold_N=fold_N if len(plan.test_starts) > 1 else None,
        horizon=settings.horizon,
        trained_on_later_rows=settings.split == "combinatorial",
    )
    return Judged(
        row_N=row_N,
        forecast=Forecast(
            prediction_N=pool.mean(result.forecasts.mean_R for result in results),
            predicted_return_N=pool.mean(result.predicted_return_R for result in results),
            target_N=pool.mean(result.target_R for result in results),
            return_N=return_N,
            known_at_N=design.known_at_N[row_N],
            label_end_N=design.label_end_N[row_N],
            session_N=design.session_N[row_N],
        ),
        constant_N=pool.mean(result.constant for result in results),
        neutral_N=pool.mean(result.neutral for result in results),
        group_N=plan.group_N[row_N],
        fold_N=fold_N,
        evidence=evidence,
        importance=importance,
    )
