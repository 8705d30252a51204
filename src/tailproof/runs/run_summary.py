"""The lines that a run logs before it trains."""

from __future__ import annotations

from tailproof import report
from tailproof.core.events import LogLine
from tailproof.runs.prepared_run import PreparedRun


def run_summary(ready: PreparedRun) -> list[LogLine]:
    """The data, the target and the model; notes, folds and layers are details."""
    design, plan, shipped = ready.design, ready.plan, ready.shipped
    zero_iqr_features = shipped.scaler.zero_iqr_features(design.names)
    return [
        *report.data_summary(ready.bars, ready.selection.notes, design, plan.folds, plan.shipped, zero_iqr_features),
        *report.target_summary(shipped.target_tails()),
        *report.model_summary(
            shipped.job.spec,
            ready.settings.optimisation,
            ready.settings.population,
            warmup_steps=shipped.job.optimisation.warmup_steps,
            window=shipped.job.window,
            interactions=shipped.interactions[0].describe(design.names),
        ),
    ]
