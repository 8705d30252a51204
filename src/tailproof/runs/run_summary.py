"""The lines that a run logs before it trains."""

from __future__ import annotations

import math

from tailproof import report
from tailproof.bars.clean.quality.tick_size import infer_tick
from tailproof.core.events import LogLine, texts
from tailproof.core.records import Bars
from tailproof.core.surface import setting, worded
from tailproof.models.fit_interactions import MAX_INPUTS, MIN_ROWS, are_sought
from tailproof.runs.prepared_run import PreparedRun
from tailproof.settings.cost_settings import CostSettings


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
        *texts(tick_warning(ready.bars, ready.settings.costs)),
    ]


def tick_warning(bars: Bars, costs: CostSettings) -> list[str]:
    """A sentence where costs are in ticks of another size than those that the closes keep to.

    >>> from tailproof.bars.simulate import simulate
    >>> from tailproof import load_bars
    >>> tick_warning(load_bars(simulate(rows=100)), CostSettings(cost_unit="ticks", tick=0.01))[0][:56]
    'Warning: costs are in ticks of 0.01, and the closes keep'
    """
    found = infer_tick(bars.frame["close"].to_numpy()) if costs.cost_unit == "ticks" else None
    if found is None or math.isclose(found, costs.tick):
        return []
    return [
        f"Warning: costs are in ticks of {costs.tick:g}, and the closes keep to ticks of {found:g}. "
        + worded(f"Unless their prices were adjusted, set {setting('tick', found)}.")
    ]


def _interactions(ready: PreparedRun) -> str:
    """The interactions of the shipped networks in words, or why there are none; empty where none were asked for."""
    shipped = ready.shipped
    if not ready.settings.network.interactions:
        return ""
    if not are_sought(len(shipped.fold.train), len(ready.design.names)):
        return f"not looked for below {MIN_ROWS:,} training rows or above {MAX_INPUTS:,} features"
    return shipped.interactions[0].describe(ready.design.names) or "none stands out from noise"
