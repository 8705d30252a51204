"""How much the result depends on the seed and on the fold."""

from __future__ import annotations

from typing import Any

import numpy as np

from tailproof.report.figures.chart import Axis, Chart, Dots, Rule
from tailproof.report.findings import Findings, number
from tailproof.report.numbers.grouped import NORMAL_95


def seed_chart(member_rank_ics: list[Any], found: Findings) -> Chart | None:
    """Rank IC of every member on its own, beside that of their mean."""
    value_M = np.array([number(value) for value in member_rank_ics])
    if np.isfinite(value_M).sum() < 2:
        return None
    return Chart(
        key="seeds",
        title="Spread over seeds",
        reading="Each dot is one network on its own, the dashed line their mean forecast; dots far apart say that one "
        "seed's result is luck.",
        limits="All seeds saw the same rows: agreement between them is no proof against chance in those rows.",
        x=Axis(label="member", whole=True, low=-0.5, high=len(value_M) - 0.5),
        y=Axis(label="rank IC on the test rows", scale="signed"),
        marks=(
            Rule(name="zero", value=0.0),
            Rule(name=f"mean forecast {found.rank_ic.value:+.4f}", value=found.rank_ic.value, role="third"),
            Dots(name="member", x_K=np.arange(float(len(value_M))), y_K=value_M),
        ),
    )


def fold_chart(folds: list[dict[str, Any]]) -> Chart | None:
    """Rank IC of every fold; each has ``name``, ``rank_ic`` and ``standard_error``."""
    if len(folds) < 2:
        return None
    value_K = np.array([number(fold.get("rank_ic")) for fold in folds])
    error_K = np.array([number(fold.get("standard_error")) for fold in folds])
    return Chart(
        key="folds",
        title="Rank IC by fold",
        reading="Each dot is one fold, with a 95 % interval; lasting skill shows in most of them.",
        limits="Folds share training rows, so they agree more than independent tries would.",
        x=Axis(label="fold, earliest first", whole=True, low=0.5, high=len(folds) + 0.5),
        y=Axis(label="rank IC", scale="signed"),
        marks=(
            Rule(name="zero", value=0.0),
            Dots(
                name="fold",
                x_K=np.arange(1.0, len(folds) + 1),
                y_K=value_K,
                low_K=value_K - NORMAL_95 * error_K,
                high_K=value_K + NORMAL_95 * error_K,
            ),
        ),
    )
