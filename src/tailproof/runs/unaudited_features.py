"""Skill that may rest on columns which nobody can audit is asked again without them."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

from tailproof.core.events import details
from tailproof.core.verdict import AuditBrief, Interval, Verdict, WithoutUnaudited
from tailproof.engines.interface import Engine
from tailproof.runs.fold_set_up import fold_set_up
from tailproof.runs.open_run import OpenRun
from tailproof.runs.prepared_run import PreparedRun
from tailproof.walkforward import (
    CostEvaluation,
    PooledForecasts,
    design_without,
    judge_folds,
    judge_without,
)

NOTHING_LEFT = WithoutUnaudited(
    skill=False, rank_ic=Interval(value=math.nan, low=math.nan, high=math.nan, standard_error=math.nan)
)


def judge_run(
    ready: PreparedRun,
    pooled: PooledForecasts,
    costs: CostEvaluation,
    *,
    audit: AuditBrief | None,
    engine: Engine,
    run: OpenRun,
) -> Verdict:
    """The verdict on the forecasts of all folds.

    Where it is skill and features read columns that came with the file, the folds are trained once more without these
    features, and the verdict knows what is left.
    """
    settings, plan = ready.settings, ready.plan
    verdict_with = partial(judge_folds, pooled, plan, ready.shipped, costs, seed=settings.population.seed)
    verdict = verdict_with(audit=audit)
    if verdict.verdict != "skill" or audit is None or not audit.unaudited:
        return verdict
    left = design_without(ready.design, audit.unaudited)
    if left is None:
        return verdict_with(audit=replace(audit, without_unaudited=NOTHING_LEFT))
    run.log(f"The folds are trained again without {', '.join(audit.unaudited)}, which nobody can audit.")
    other = judge_without(
        left,
        plan,
        pooled,
        set_up=fold_set_up(left, settings),
        engine=engine,
        population=settings.population,
        horizon=settings.task.horizon,
        seed=settings.population.seed,
        on_fold=lambda number: run.log(*details([f"  fold {number} of {len(plan.folds)}"])),
    )
    ic = other.rank_ic
    without = WithoutUnaudited(
        skill=other.verdict == "skill",
        rank_ic=Interval(value=ic.value, low=ic.low, high=ic.high, standard_error=ic.standard_error),
    )
    return verdict_with(audit=replace(audit, without_unaudited=without))
