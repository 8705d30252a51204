"""The lines that a run logs before it trains."""

from __future__ import annotations

from tailproof import report
from tailproof.arrays.ranges import as_slice
from tailproof.core.events import LogLine
from tailproof.core.records import Bars, Design
from tailproof.settings.train_settings import TrainSettings
from tailproof.walkforward import FoldTraining, Plan


def run_summary(
    bars: Bars,
    design: Design,
    plan: Plan,
    settings: TrainSettings,
    *,
    shipped: FoldTraining,
    feature_notes: tuple[str, ...],
) -> list[LogLine]:
    """The data, the target and the model; notes, folds and layers are details."""
    train = as_slice(shipped.fold.train)
    zero_iqr_features = shipped.scaler.rested(design.names)
    return [
        *report.data_summary(bars, feature_notes, design, plan.folds, plan.shipped, zero_iqr_features),
        *report.target_summary(shipped.part.design.return_N[train], shipped.target_N[train]),
        *report.model_summary(
            shipped.job.spec,
            settings.optimisation,
            settings.population,
            warmup_steps=shipped.job.optimisation.warmup_steps,
            window=shipped.job.window,
        ),
    ]
