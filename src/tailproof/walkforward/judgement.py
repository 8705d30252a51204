"""The pooled forecasts judged: the verdict with all that stands beside it, and drift since training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tailproof.core.records import Design, Fold
from tailproof.core.verdict import AuditBrief, Verdict
from tailproof.evaluation import judge
from tailproof.statistics.drift import Drift, drift_by_month
from tailproof.walkforward.cost_evaluation import CostEvaluation
from tailproof.walkforward.plan import Plan
from tailproof.walkforward.pooled import PooledForecasts
from tailproof.walkforward.training import FoldTraining


def judge_folds(
    judged: PooledForecasts,
    plan: Plan,
    shipped: FoldTraining,
    costs: CostEvaluation,
    *,
    audit: AuditBrief | None,
    seed: int,
) -> Verdict:
    """The verdict on the forecasts of all folds.

    Args:
        judged: forecasts of all test rows.
        plan: how the rows were split.
        shipped: for the objective that was minimised.
        costs: the backtest and the trials.
        audit: the findings of the causality audit; None where it was off.
        seed: of the bootstrap.
    """
    return judge(
        judged.forecast,
        objective=shipped.job.objective,
        constant=judged.constant_N,
        zero_return_target=judged.zero_return_target_N,
        group_N=judged.group_N,
        judged_on_validation=plan.judged_on_validation,
        evidence=replace(
            judged.evidence, audit=audit, costs=costs.costs, trials=costs.trials, returns_ahead=costs.returns_ahead
        ),
        seed=seed,
    )


def drift_of_folds(design: Design, plan: Plan, judged: PooledForecasts) -> tuple[Drift, ...]:
    """Drift of every feature against the training rows of the first fold, and of forecasts against its forecasts."""
    forecast, first = judged.forecast, plan.folds[0]
    train = first.train if isinstance(first, Fold) else plan.shipped.train
    first_judged = int(np.count_nonzero(judged.fold_N == 1))
    features = drift_by_month(design.names, design.x_NF, design.known_at_N, train=train)
    # Where there is only one fold, its first quarter is what the rest of its forecasts is compared with.
    start = first_judged if first_judged < len(judged.fold_N) else len(judged.fold_N) // 4
    forecasts = drift_by_month(("prediction",), forecast.prediction_N[:, None], forecast.known_at_N, train=range(start))
    return (*features, *forecasts)
