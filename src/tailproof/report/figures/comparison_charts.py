"""Several runs in one figure, each in its own colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tailproof.core.estimate import Paired
from tailproof.report.figures.chart import Axis, Chart, Line, Mark, MarkRole, Rule
from tailproof.report.figures.evidence_charts import horizontal_dots
from tailproof.report.figures.forecast_charts import BASIS_POINT, decile_returns
from tailproof.report.figures.money_charts import BUCKETS
from tailproof.report.findings import findings, number
from tailproof.report.numbers.history import history, member_mean
from tailproof.report.numbers.percentiles import middle_percentiles
from tailproof.report.numbers.thin import keep_extremes
from tailproof.report.run_record import RunRecord

ROLES: tuple[MarkRole, ...] = ("result", "other", "third", "fourth", "fifth")
"""Colours that stay apart for the colour-blind; more runs than these cannot be overlaid."""


def curves(runs: Sequence[RunRecord], names: Sequence[str]) -> list[Chart]:
    """Skill by epoch, tenths of the forecast and running results, of the first five runs over one another."""
    charts = [_skill_by_epoch(runs, names), _deciles(runs, names), _equity(runs, names)]
    return [chart for chart in charts if chart is not None]


def paired_chart(differences: Sequence[Paired | None], names: Sequence[str]) -> Chart | None:
    """Rank IC of every other run less that of the first, on their common rows; None where there are none."""
    known = [(name, each.rank_ic) for name, each in zip(names[1:], differences, strict=True) if each is not None]
    if not known:
        return None
    return Chart(
        key="compare-paired",
        title=f"Rank IC less that of {names[0]}",
        reading="Each dot is the difference on the test rows that both runs forecast, with its 95 % interval; an "
        "interval that holds zero decides nothing.",
        limits="The best of several differences looks better than it is.",
        x=Axis(label="difference of rank ICs", scale="signed"),
        y=Axis(label="", scale="category", categories=tuple(name for name, _ in known)),
        marks=(
            Rule(name="no difference", value=0.0, across="x"),
            horizontal_dots("run", [each for _, each in known]),
        ),
    )


def rank_ic_chart(runs: Sequence[RunRecord], names: Sequence[str]) -> Chart | None:
    """Rank IC of every run with its interval; None where no run has one."""
    values = [findings(run.verdict).rank_ic for run in runs]
    if not any(value.known for value in values):
        return None
    return Chart(
        key="compare-rank-ic",
        title="Rank IC of each run",
        reading="Each dot is a run's rank IC on its own test rows, with the 95 % interval of its verdict.",
        limits="Overlapping intervals do not say that two runs are equal: see the paired differences.",
        x=Axis(label="rank IC", scale="signed"),
        y=Axis(label="", scale="category", categories=tuple(names)),
        marks=(
            Rule(name="zero", value=0.0, across="x"),
            horizontal_dots("run", values),
        ),
    )


def _skill_by_epoch(runs: Sequence[RunRecord], names: Sequence[str]) -> Chart | None:
    marks: list[Mark] = []
    for run, name, role in zip(runs, names, ROLES, strict=False):
        past = history(run.epochs, "validation_loss", at="epoch")
        constant = number(run.facts.get("training", {}).get("constant_validation_loss"))
        if np.isfinite(past.value_KM).any() and constant > 0.0:
            skill_K = 1.0 - member_mean(past.value_KM) / constant
            marks.append(Line(name=name, x_K=past.at_K, y_K=skill_K, role=role))
    if len(marks) < 2:
        return None
    return Chart(
        key="compare-skill",
        title="Validation skill by epoch",
        reading="1 - validation loss / loss of the constant, mean of the members; above zero the network is closer."
        + _cut(runs),
        limits="Each run's own validation rows, which may differ between runs.",
        x=Axis(label="epoch", whole=True),
        y=Axis(label="skill, %", scale="signed percent"),
        marks=(Rule(name="the constant", value=0.0), *marks),
    )


def _deciles(runs: Sequence[RunRecord], names: Sequence[str]) -> Chart | None:
    marks: list[Mark] = []
    for run, name, role in zip(runs, names, ROLES, strict=False):
        means = decile_returns(run.verdict.get("statistics") or {})
        if len(means.names) >= 3:
            y_K = means.mean_G / BASIS_POINT
            marks.append(Line(name=name, x_K=middle_percentiles(means.rows_G), y_K=y_K, role=role))
    if len(marks) < 2:
        return None
    return Chart(
        key="compare-deciles",
        title="Realised return by tenth of the forecast",
        reading="Mean return of each tenth of a run's test rows, lowest forecasts left; skill rises." + _cut(runs),
        limits="Intervals are left out here for clearness; each run's own report has them.",
        x=Axis(label="percentile of the forecast, lowest first", low=0.0, high=100.0),
        y=Axis(label="mean return, basis points", scale="signed"),
        marks=tuple(marks),
    )


def _equity(runs: Sequence[RunRecord], names: Sequence[str]) -> Chart | None:
    marks: list[Mark] = []
    units: set[str] = set()
    for run, name, role in zip(runs, names, ROLES, strict=False):
        equity = run.facts.get("equity")
        if equity:
            x_K, y_K = keep_extremes(
                np.array(equity["known_at"], float), np.array(equity["net"], float), buckets=BUCKETS
            )
            marks.append(Line(name=name, x_K=x_K, y_K=y_K, role=role))
            units.add(equity["unit"])
    if len(marks) < 2 or len(units) > 1:
        return None
    return Chart(
        key="compare-equity",
        title="Running net result",
        reading="What each run's rule would have made from its first test row on, after costs." + _cut(runs),
        limits="Rules, costs and test rows may differ between runs, and what only rises with the market is no skill.",
        x=Axis(label="time, UTC", scale="time"),
        y=Axis(label=f"running net result, {units.pop()}", scale="signed"),
        marks=(Rule(name="nothing", value=0.0), *marks),
    )


def _cut(runs: Sequence[RunRecord]) -> str:
    return f" Only the first {len(ROLES)} runs are drawn." if len(runs) > len(ROLES) else ""
