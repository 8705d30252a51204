"""How bold the forecasts of a fold may be, by its validation rows: for the real members, and for each placebo."""

from __future__ import annotations

from tailproof.arrays.parallel import map_in_threads
from tailproof.arrays.ranges import as_slice
from tailproof.core.fit import Parameters
from tailproof.engines.interface import Engine
from tailproof.objectives import NO_SHRINKAGE, Shrinkage, best_constant, fit_shrinkage
from tailproof.population import PopulationLayout
from tailproof.walkforward.training import FoldTraining


def fold_shrinkage(
    engine: Engine, training: FoldTraining, layout: PopulationLayout, parameters: Parameters
) -> tuple[Shrinkage, tuple[Shrinkage, ...]]:
    """The map of the real forecast, and that of each placebo of the layout, fitted in the same way.

    No map changes anything where none was asked for, where there are no validation rows, and where those are the rows
    that are judged.
    """
    fold, job = training.fold, training.job
    if not training.shrinks:
        return NO_SHRINKAGE, (NO_SHRINKAGE,) * layout.placebos
    validation = as_slice(fold.validation)
    forecasts = training.forecast(engine, layout, parameters, job.x_NF[validation])
    real = fit_shrinkage(job.objective, forecasts.mean_R, training.target_N[validation], center=training.constant)

    def of_placebo(number: int) -> Shrinkage:
        center = best_constant(job.objective, training.target_of(1 + number, fold.train))
        target_R = training.target_of(1 + number, fold.validation)
        return fit_shrinkage(job.objective, forecasts.placebo_KR[number], target_R, center=center)

    return real, tuple(map_in_threads(of_placebo, range(layout.placebos)))
