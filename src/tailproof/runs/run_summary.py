"""The lines that a run logs before it trains."""

from __future__ import annotations

from tailproof import report
from tailproof.core.events import LogLine
from tailproof.models.fit_interactions import MAX_INPUTS, MIN_ROWS, are_sought
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
            interactions=_interactions(ready),
        ),
    ]


def _interactions(ready: PreparedRun) -> str:
    """The interactions of the shipped networks in words, or why there are none; empty where none were asked for."""
    shipped = ready.shipped
    if not ready.settings.network.interactions:
        return ""
    if not are_sought(len(shipped.fold.train), len(ready.design.names)):
        return f"not looked for below {MIN_ROWS:,} training rows or above {MAX_INPUTS:,} features"
    return shipped.interactions[0].describe(ready.design.names) or "none stands out from noise"
