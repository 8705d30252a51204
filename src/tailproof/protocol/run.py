"""Every fold trained and forecast, one after the other; the forecasts of all tests laid end to end."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tailproof.core.fit import Fit
from tailproof.core.randomness import generator
from tailproof.core.records import Design, Fold, Forecast
from tailproof.core.settings import TrainSettings
from tailproof.engines.protocol import Engine
from tailproof.evaluation import Evidence, baseline_forecasts, spearman
from tailproof.protocol.importance import Asking, Importance
from tailproof.protocol.plan import Plan
from tailproof.protocol.training import FoldForecasts, FoldTraining, fold_training, forecast, real_fit

FitFold = Callable[[FoldTraining, int], Fit]
"""Trains a fold's population; the number of the fold counts from 1, and is 0 for the members to ship."""


@dataclass(frozen=True, kw_only=True)
class FoldResult:
    """What one fold said about its test rows (R of them), and what it was fitted to."""

    fold: Fold
    forecasts: FoldForecasts
    target_R: np.ndarray
    predicted_return_R: np.ndarray
    constant: float
    neutral: float
    baselines: dict[str, np.ndarray]
    seconds: float
    """Training took this long."""
    model_steps: int
    """Steps trained, times members and placebo members."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Forecasts of all test rows, folds one after the other, with everything that stands beside them."""

    row_N: np.ndarray
    """Row of the design that each test row is."""
    forecast: Forecast
    constant_N: np.ndarray
    """Each row's constant: that of its fold's training rows."""
    neutral_N: np.ndarray
    """Each row's target of a zero return."""
    group_N: np.ndarray
    fold_N: np.ndarray
    """Number of the fold, from 1."""
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
    on_fold: Callable[[int, FoldResult], None],
) -> tuple[Judged, Fit]:
    """Train and forecast every fold of the plan; then the shipped members, where they are not a fold's own.

    Args:
        design: all rows.
        plan: folds and placebos.
        settings: what to train.
        shipped: the training of the shipped window; of a holdout it is the only fold's.
        engine: forecasts.
        fit_fold: trains.
        on_fold: is told of each fold's result.

    Returns:
        The forecasts with what stands beside them, and the fit of the shipped members alone.
    """
    results, asking = [], Asking(design, plan, settings)
    for number, fold in enumerate(plan.folds, start=1):
        training = fold_training(design, fold, settings, placebo_row_KN=plan.placebo_row_KN) if plan.walks else shipped
        fit = fit_fold(training, number)
        x_RF = training.job.x_NF[fold.test.start : fold.test.stop]
        forecasts = forecast(engine, training.job.spec, fit.best_parameters, x_RF, members=settings.members)
        asking.ask(engine, training, real_fit(fit, settings.members).best_parameters, number=number)
        results.append(_result(design, training, fit, forecasts, settings, number))
        on_fold(number, results[-1])
    shipped_fit = fit_fold(shipped, 0) if plan.walks else real_fit(fit, settings.members)
    return _pooled(design, plan, settings, results, asking.answer()), shipped_fit


def _result(
    design: Design,
    training: FoldTraining,
    fit: Fit,
    forecasts: FoldForecasts,
    settings: TrainSettings,
    number: int,
) -> FoldResult:
    test = training.fold.test
    return FoldResult(
        fold=training.fold,
        forecasts=forecasts,
        target_R=training.target_N[test.start : test.stop],
        predicted_return_R=training.transform.inverse(forecasts.mean_R),
        constant=training.constant,
        neutral=training.neutral,
        baselines=_baselines(design, training, settings, number) if settings.baselines else {},
        seconds=sum(record.seconds for record in fit.history),
        model_steps=sum(record.steps for record in fit.history) * len(training.job.members),
    )


def _baselines(design: Design, training: FoldTraining, settings: TrainSettings, number: int) -> dict[str, np.ndarray]:
    fold, job = training.fold, training.job
    forecasts = baseline_forecasts(
        job.x_NF,
        training.target_N,
        training.transform.transform(design.last_return_N),
        train=slice(fold.train.start, fold.train.stop),
        validation=slice(fold.validation.start, fold.validation.stop),
        test=slice(fold.test.start, fold.test.stop),
        objective=job.objective,
        neutral=training.neutral,
        threads=settings.threads or len(os.sched_getaffinity(0)),
        rng=generator(settings.seed, "baselines", number),
    )
    return {name: forecast_N for name, forecast_N in forecasts.items() if name not in ("constant", "zero")}


def _pooled(
    design: Design, plan: Plan, settings: TrainSettings, results: list[FoldResult], importance: Importance | None
) -> Judged:
    row_R = np.concatenate([np.arange(result.fold.test.start, result.fold.test.stop) for result in results])
    size_D = [len(result.fold.test) for result in results]
    return_R = design.return_N[row_R]
    pooled = Forecast(
        prediction_N=np.concatenate([result.forecasts.mean_R for result in results]),
        predicted_return_N=np.concatenate([result.predicted_return_R for result in results]),
        target_N=np.concatenate([result.target_R for result in results]),
        return_N=return_R,
        known_at_N=design.known_at_N[row_R],
        label_end_N=design.label_end_N[row_R],
        session_N=design.session_N[row_R],
    )
    member_MR = np.concatenate([result.forecasts.member_MR for result in results], axis=1)
    placebo_KR = np.concatenate([result.forecasts.placebo_KR for result in results], axis=1)
    fold_N = np.repeat(np.arange(1, len(results) + 1), size_D)
    evidence = Evidence(
        baselines={
            name: np.concatenate([result.baselines[name] for result in results]) for name in results[0].baselines
        },
        placebo_rank_ics=tuple(
            spearman(placebo_R, design.return_N[row_N[row_R]])
            for placebo_R, row_N in zip(placebo_KR, plan.placebo_row_KN, strict=True)
        ),
        member_rank_ics=tuple(spearman(member_R, return_R) for member_R in member_MR),
        fold_N=fold_N if len(results) > 1 else None,
        horizon=settings.horizon,
    )
    return Judged(
        row_N=row_R,
        forecast=pooled,
        constant_N=np.repeat([result.constant for result in results], size_D),
        neutral_N=np.repeat([result.neutral for result in results], size_D),
        group_N=plan.group_N[row_R],
        fold_N=fold_N,
        evidence=evidence,
        importance=importance,
    )
