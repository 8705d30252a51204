"""A walk-forward of every contestant on one design, and what its forecasts were worth."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.quality.contestants import NETWORK, Contestant
from tailproof.core.records import Design
from tailproof.evaluation import spearman
from tailproof.objectives import Objective, row_losses
from tailproof.runs.fold_set_up import fold_set_up
from tailproof.settings.train_settings import TrainSettings
from tailproof.statistics.paired import Paired, paired
from tailproof.walkforward import make_plan


@dataclass(frozen=True, kw_only=True)
class TestForecasts:
    """Forecasts of all test rows in time order; what ``paired`` compares."""

    prediction_N: np.ndarray
    target_N: np.ndarray
    return_N: np.ndarray
    known_at_N: np.ndarray
    cluster_N: np.ndarray

    def __len__(self) -> int:
        return len(self.prediction_N)


@dataclass(frozen=True, kw_only=True)
class Score:
    """The worth of one contestant's forecasts."""

    rank_ic: float
    skill: float
    """1 - Huber loss / that of each fold's constant."""
    slope: float
    """Least squares of the target on the forecast: 1 where it is as bold as it may be."""
    seconds: float
    """Wall time of fitting and forecasting, all folds."""
    network_less_it: Paired | None
    """The network less this contestant; None of the network itself."""


def score_all(design: Design, contestants: Mapping[str, Contestant], *, settings: TrainSettings) -> dict[str, Score]:
    """Every contestant on the folds, features, scaling and targets of the settings."""
    plan = make_plan(design, split=settings.split, evaluation=settings.evaluation, population=settings.population)
    set_up = fold_set_up(design, settings)
    forecasts: dict[str, list[np.ndarray]] = {name: [] for name in contestants}
    seconds = dict.fromkeys(contestants, 0.0)
    target, constant, rows = [], [], []
    for number, fold in enumerate(plan.folds, start=1):
        training = set_up(fold)
        test = training.fold.test
        for name, forecast in contestants.items():
            began = time.perf_counter()
            forecasts[name].append(forecast(training, number))
            seconds[name] += time.perf_counter() - began
        target.append(training.target_N[test.start : test.stop].copy())
        constant.append(np.full(len(test), training.constant))
        rows.append(training.part.test_row_R)
        objective = training.job.objective
    row_N, target_N, constant_N = (np.concatenate(each) for each in (rows, target, constant))
    forecasts = {
        name: TestForecasts(
            prediction_N=np.concatenate(each),
            target_N=target_N,
            return_N=design.return_N[row_N],
            known_at_N=design.known_at_N[row_N],
            cluster_N=np.unique(plan.group_N[row_N], return_inverse=True)[1],
        )
        for name, each in forecasts.items()
    }
    return {
        name: _score(each, forecasts[NETWORK], constant_N, objective, seconds=seconds[name])
        for name, each in forecasts.items()
    }


def _score(
    its: TestForecasts, network: TestForecasts, constant_N: np.ndarray, objective: Objective, *, seconds: float
) -> Score:
    def row_loss(prediction_N: np.ndarray, target_N: np.ndarray) -> np.ndarray:
        return row_losses(objective, prediction_N, target_N)

    variance = float(its.prediction_N.var())
    covariance = float(np.mean((its.prediction_N - its.prediction_N.mean()) * its.target_N))
    return Score(
        rank_ic=spearman(its.prediction_N, its.return_N),
        skill=1.0 - float(row_loss(its.prediction_N, its.target_N).mean() / row_loss(constant_N, its.target_N).mean()),
        slope=covariance / variance if variance > 0.0 else float("nan"),
        seconds=seconds,
        network_less_it=None if its is network else paired(network, its, row_loss=row_loss),
    )
