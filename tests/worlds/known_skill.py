"""Forecasts of known worth, for the tests of evaluation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from tailproof import features as features_stage
from tailproof.bars.load import bars_from_frame
from tailproof.core.design import build_design
from tailproof.core.fit import Fit
from tailproof.core.records import Design, Forecast
from tailproof.core.verdict import AuditBrief, Verdict
from tailproof.engines.interface import Engine
from tailproof.engines.select import choose_engine
from tailproof.evaluation import LAST_RETURN, Evidence, judge
from tailproof.objectives import Objective
from tailproof.runs.fold_set_up import fold_baselines, fold_set_up
from tailproof.settings.train_settings import TrainSettings
from tailproof.tasks import forward_return
from tailproof.walkforward import FoldBaselines, FoldTraining, Plan, PooledForecasts, make_plan, run_folds
from tailproof.walkforward.fold_baselines import FitTrees

ROWS = 20_000


def forecast_with(ic: float, *, seed: int = 0, rows: int = ROWS, session: int = 200) -> Forecast:
    """A forecast whose correlation with the next return is ``ic``."""
    rng = np.random.default_rng(seed)
    signal_N, noise_N = rng.normal(size=rows), rng.normal(size=rows)
    return_N = 1e-4 * (ic * signal_N + np.sqrt(1 - ic**2) * noise_N)
    target_N = np.argsort(np.argsort(return_N)) / (rows - 1)
    time_N = np.arange(rows, dtype=np.int64) * 60_000_000_000
    return Forecast(
        prediction_N=0.5 + 0.28 * (ic or 0.02) * signal_N,
        predicted_return_N=1e-4 * ic * signal_N,
        target_N=target_N,
        return_N=return_N,
        open_return_N=return_N,
        known_at_N=time_N,
        label_end_N=time_N + 60_000_000_000,
        session_N=(np.arange(rows) // session).astype(np.int32),
        bar_N=np.arange(rows),
        stretch_N=np.arange(rows) // session,
    )


def full_evidence(*, seed: int = 0, rows: int = ROWS, **changes: Any) -> Evidence:
    """Placebos and a last-return baseline that know nothing."""
    rng = np.random.default_rng(seed + 1_000)
    return Evidence(
        **{
            "baselines": {LAST_RETURN: 0.5 + 0.01 * rng.normal(size=rows)},
            "audit": AuditBrief(passed=True),
            "placebo_rank_ics": tuple(rng.normal(size=19) / np.sqrt(rows)),
            **changes,
        }
    )


def verdict_of(forecast: Forecast, evidence: Evidence | None = None, **changes: Any) -> Verdict:
    return judge(
        forecast,
        **{
            "objective": Objective(loss="huber", delta=0.1),
            "constant": 0.5,
            "zero_return_target": 0.5,
            "group_N": forecast.session_N,
            "judged_on_validation": False,
            "evidence": evidence,
            "replications": 500,
            **changes,
        },
    )


@dataclass(frozen=True, kw_only=True)
class Ran:
    """The whole protocol on some bars: the verdict, and the shipped networks to ask again."""

    verdict: Verdict
    shipped: FoldTraining
    fit: Fit
    engine: Engine

    def forecast(self, design: Design) -> np.ndarray:
        """What the shipped networks say about other bars (float64)."""
        x_RF = self.shipped.scaler.transform(design.x_NF)
        spec = self.shipped.job.spec
        real = self.shipped.layout.only(role="real")
        return real.forecast(self.engine, spec, self.fit.best_parameters, x_RF).mean_R


def design_of(frame: pl.DataFrame, features: tuple[str, ...]) -> Design:
    """Bars → rows to learn from; the features are those of the catalogue, audited by ``tests/properties``."""
    bars = bars_from_frame(frame, source="simulated bars")
    selection = features_stage.select_features(bars, features)
    return build_design(bars, features_stage.compute(bars, selection.features), forward_return(bars, horizon=1))


@dataclass(frozen=True, kw_only=True)
class JudgedRun:
    """All folds trained and forecast, without a verdict."""

    judged: PooledForecasts
    plan: Plan
    shipped: FoldTraining
    fit: Fit
    engine: Engine


def run_judged(
    design: Design, settings: TrainSettings, *, engine: Engine | None = None, fit_trees: FitTrees | None = None
) -> JudgedRun:
    """Rows → forecasts of all folds with all that stands beside them.

    It takes whole settings, as ``pipeline.train_on_bars`` does, because it stands in its place: it runs every stage and
    hands each its own section.

    Args:
        design: the rows.
        settings: how they are judged.
        engine: trains and forecasts; None takes the lanes engine.
        fit_trees: fits the trees among the baselines; None takes LightGBM.
    """
    plan = make_plan(design, split=settings.split, evaluation=settings.evaluation, population=settings.population)
    set_up = fold_set_up(design, settings)
    placebos = () if plan.ships_its_own else plan.placebo_row_KN
    shipped = set_up(plan.shipped, placebo_row_KN=placebos)
    engine = engine or choose_engine(shipped.job, name="lanes", device="cpu", threads=1).engine
    baselines = fold_baselines(plan, settings)
    if baselines is not None and fit_trees is not None:
        baselines = FoldBaselines(
            seed=settings.population.seed, tree_fit_every=plan.tree_fit_every, fit_trees=fit_trees
        )
    judged, fit = run_folds(
        design,
        plan,
        set_up=set_up,
        shipped=shipped,
        engine=engine,
        fit_fold=lambda training, number: engine.fit(training.job, on_event=lambda event: None),
        on_fold=lambda number, done: None,
        population=settings.population,
        horizon=settings.task.horizon,
        baselines=baselines,
    )
    return JudgedRun(judged=judged, plan=plan, shipped=shipped, fit=fit, engine=engine)


def run_protocol(
    frame: pl.DataFrame, settings: TrainSettings, *, engine: Engine | None = None, fit_trees: FitTrees | None = None
) -> Ran:
    """Bars → verdict by the whole protocol, without a run folder; see ``run_judged``."""
    run = run_judged(design_of(frame, settings.features.names), settings, engine=engine, fit_trees=fit_trees)
    judged = run.judged
    verdict = judge(
        judged.forecast,
        objective=run.shipped.job.objective,
        constant=judged.constant_N,
        zero_return_target=judged.zero_return_target_N,
        group_N=judged.group_N,
        judged_on_validation=run.plan.judged_on_validation,
        evidence=replace(judged.evidence, audit=AuditBrief(passed=True)),
        replications=500,
    )
    return Ran(verdict=verdict, shipped=run.shipped, fit=run.fit, engine=run.engine)


def protocol_verdict(frame: pl.DataFrame, settings: TrainSettings) -> Verdict:
    """The verdict alone."""
    return run_protocol(frame, settings).verdict


def with_volatility_drift(frame: pl.DataFrame, *, first: float, last: float) -> pl.DataFrame:
    """The same bars with every move stretched, ``first`` times in the first bar and rising or falling to ``last``."""
    log_close = np.log(frame["close"].to_numpy())
    before = np.r_[log_close[0], log_close[:-1]]
    stretch = np.linspace(first, last, len(frame))
    path = log_close[0] + np.cumsum(stretch * (log_close - before))
    path_before = np.r_[path[0], path[:-1]]
    return frame.with_columns(
        pl.Series(name, np.exp(path_before + stretch * (np.log(frame[name].to_numpy()) - before)))
        for name in ("open", "high", "low", "close")
    )


def with_random_signs(frame: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """The same bars with each bar's moves turned up or down by a coin: exactly no direction can be forecast.

    Sizes, tails and clusters of volatility stay. What simulated ticks leave behind, rank correlations of about 0.001
    with the moves before, is gone.
    """
    sign = np.random.default_rng(seed).choice([-1.0, 1.0], len(frame))
    log_close = np.log(frame["close"].to_numpy())
    before = np.r_[log_close[0], log_close[:-1]]
    path = log_close[0] + np.cumsum(sign * (log_close - before))
    path_before = np.r_[path[0], path[:-1]]
    moved = {
        name: np.exp(path_before + sign * (np.log(frame[name].to_numpy()) - before))
        for name in ("open", "high", "low", "close")
    }
    high, low = np.maximum(moved["high"], moved["low"]), np.minimum(moved["high"], moved["low"])
    return frame.with_columns(open=moved["open"], high=high, low=low, close=moved["close"])
