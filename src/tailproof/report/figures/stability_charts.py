"""How much the result depends on the seed and on the fold."""

from __future__ import annotations

from typing import Any

import numpy as np

from tailproof.report.figures.chart import Axis, Chart, Dots, Rule
from tailproof.report.findings import Findings, number
from tailproof.report.numbers.slice_means import interval, slice_means


def seed_chart(member_rank_ics: list[Any], figures: Findings) -> Chart | None:
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
        x=Axis(label="member", whole=True, low=0.5, high=len(value_M) + 0.5),
        y=Axis(label="rank IC on the test rows", scale="signed"),
        marks=(
            Rule(name="zero", value=0.0),
            Rule(
                name=f"their mean forecast, {figures.rank_ic.value:+.4f}".replace("-", "−"),
                value=figures.rank_ic.value,
                role="third",
            ),
            Dots(name="member", x_K=1.0 + np.arange(float(len(value_M))), y_K=value_M),
        ),
    )


def path_chart(path_rank_ics: list[Any]) -> Chart | None:
    """Rank IC of every backtest path of a combinatorial split; None for any other."""
    value_P = np.array([number(value) for value in path_rank_ics])
    if np.isfinite(value_P).sum() < 2:
        return None
    return Chart(
        key="paths",
        title="Rank IC of every backtest path",
        reading="Each dot is one way to forecast every test row once, by networks trained on other rows; dots far "
        "apart say that the result hangs on which history the networks saw.",
        limits="Paths share most of their networks and all of their rows, and some networks trained on later rows: "
        "none of them could have been traded.",
        x=Axis(label="path", whole=True, low=0.5, high=len(value_P) + 0.5),
        y=Axis(label="rank IC on the test rows", scale="signed"),
        marks=(
            Rule(name="zero", value=0.0),
            Dots(name="path", x_K=1.0 + np.arange(float(len(value_P))), y_K=value_P),
        ),
    )


def fold_chart(by_fold: list[dict[str, Any]], *, part: str) -> Chart | None:
    """Rank IC of every fold, or of every ``part`` of another name; None for a single one."""
    means = slice_means(by_fold, value="rank_ic")
    if len(means.names) < 2 or np.isnan(means.mean_G).any():
        return None
    number_K = np.array([float(name) for name in means.names])
    return Chart(
        key="folds",
        title=f"Rank IC by {part}",
        reading=f"Each dot is the part of the rank IC earned in one {part}{interval(means)}; lasting skill shows in "
        "most of them.",
        limits="Their networks share training rows, so they agree more than independent tries would.",
        x=Axis(label=f"{part}, earliest first", whole=True),
        y=Axis(label="rank IC", scale="signed"),
        marks=(
            Rule(name="zero", value=0.0),
            Dots(
                name=part,
                x_K=number_K,
                y_K=means.mean_G,
                low_K=means.low_G,
                high_K=means.high_G,
            ),
        ),
    )
