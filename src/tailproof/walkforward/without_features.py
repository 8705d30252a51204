"""The same folds trained without the features that cannot be trusted, and the result that remains."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from tailproof.arrays.scratch import blocks, rows_array
from tailproof.core.fit import Fit
from tailproof.core.records import Design
from tailproof.core.verdict import AuditBrief, Verdict
from tailproof.engines.interface import Engine
from tailproof.evaluation import judge
from tailproof.settings.population_settings import PopulationSettings
from tailproof.walkforward.plan import Plan
from tailproof.walkforward.pooled import PooledForecasts
from tailproof.walkforward.run import SetUpFold, run_folds
from tailproof.walkforward.training import FoldTraining


def design_without(design: Design, names: Collection[str]) -> Design | None:
    """The same rows without the features of these names; None where no feature is left."""
    place_K = [place for place, name in enumerate(design.names) if name not in names]
    if not place_K:
        return None
    x_NF = rows_array((len(design), len(place_K)))
    for block in blocks(len(design)):
        x_NF[block] = design.x_NF[block][:, place_K]
    return replace(design, names=tuple(design.names[place] for place in place_K), x_NF=x_NF)


def judge_without(
    design: Design,
    plan: Plan,
    pooled: PooledForecasts,
    *,
    set_up: SetUpFold,
    engine: Engine,
    population: PopulationSettings,
    horizon: int,
    seed: int,
    on_fold: Callable[[int], None],
) -> Verdict:
    """Train the members alone on every fold of a design with fewer features, and judge their forecasts.

    Baselines and placebos are those of ``pooled``, the forecasts with all features of the same rows. The features that
    are left have passed the audit.

    Args:
        design: without the features in question; its rows are those that ``plan`` splits.
        plan: of all features.
        pooled: the forecasts with all features.
        set_up: prepares the training of a fold of ``design``.
        engine: trains and forecasts.
        population: how many members there are.
        horizon: bars that a label spans.
        seed: of the bootstrap.
        on_fold: is called with the number of each fold that is done.
    """
    alone = replace(plan, placebo_row_KN=())
    fits: list[Fit] = []

    def fit_fold(training: FoldTraining, number: int) -> Fit:
        if number:
            fits.append(engine.fit(training.job, on_event=lambda _: None))
        # Nothing is shipped: where members to ship are asked for, those of the last fold stand in.
        return fits[-1]

    shipped = set_up(plan.shipped)
    left, _ = run_folds(
        design,
        alone,
        set_up=set_up,
        shipped=shipped,
        engine=engine,
        fit_fold=fit_fold,
        on_fold=lambda number, _: on_fold(number),
        population=population,
        horizon=horizon,
        baselines=None,
    )
    beside = replace(
        left.evidence,
        baselines=pooled.evidence.baselines,
        placebo_rank_ics=pooled.evidence.placebo_rank_ics,
        audit=AuditBrief(passed=True),
    )
    return judge(
        left.forecast,
        objective=shipped.job.objective,
        constant=left.constant_N,
        zero_return_target=left.zero_return_target_N,
        group_N=left.group_N,
        judged_on_validation=plan.judged_on_validation,
        evidence=beside,
        seed=seed,
    )
