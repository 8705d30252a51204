"""The training target before and after its transform."""

from __future__ import annotations

from typing import Any

import numpy as np

from tailproof.report.figures.chart import Axis, Chart, Columns
from tailproof.report.figures.forecast_charts import BASIS_POINT


def target_charts(target: dict[str, Any]) -> list[Chart]:
    """Histograms of the raw forward return and of what the network learns."""
    if not target:
        return []
    before, after = target["before"], target["after"]
    outside = before["below"] + before["above"]
    return [
        Chart(
            key="target-before",
            title="Before: the forward return",
            reading="Share of the training rows by forward return; a tall bar at zero is returns of exactly zero.",
            limits=f"{outside:,} rows, the outermost 0.1 % at each end, lie outside the picture: they reach from "
            f"{before['lowest'] / BASIS_POINT:,.1f} to {before['highest'] / BASIS_POINT:,.1f} basis points.",
            x=Axis(label="forward return, basis points"),
            y=Axis(label="share of the training rows, %", scale="percent", low=0.0),
            marks=(_columns("returns", before, unit=BASIS_POINT),),
        ),
        Chart(
            key="target-after",
            title="After: what the network learns",
            reading="Share of the training rows by transformed target; ranks lie flat, with one tall bar where equal "
            "returns share their rank.",
            limits="Later rows are transformed by this same table and need not lie flat.",
            x=Axis(label="target"),
            y=Axis(label="share of the training rows, %", scale="percent", low=0.0),
            marks=(_columns("targets", after, unit=1.0),),
        ),
    ]


def _columns(name: str, histogram: dict[str, Any], *, unit: float) -> Columns:
    edge_K = np.array(histogram["edges"]) / unit
    share_K = np.array(histogram["counts"]) / histogram["rows"]
    return Columns(name=name, left_K=edge_K[:-1], right_K=edge_K[1:], height_K=share_K)
