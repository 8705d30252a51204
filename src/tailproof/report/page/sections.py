"""The sections of one run's report, each made only of what its run folder holds."""

from __future__ import annotations

import shlex
from typing import Any

from tailproof.report.figures.chart import Chart
from tailproof.report.figures.evidence import baseline_chart, rank_ic_chart
from tailproof.report.figures.features import drift_chart, importance_chart
from tailproof.report.figures.forecasts import (
    calibration_chart,
    decile_chart,
    hour_chart,
    month_chart,
    regime_chart,
)
from tailproof.report.figures.money import cost_chart, equity_chart
from tailproof.report.figures.stability import fold_chart, seed_chart
from tailproof.report.figures.target import target_charts
from tailproof.report.figures.training import training_charts
from tailproof.report.findings import Findings, findings
from tailproof.report.page import tables
from tailproof.report.page.further_tests import against_baselines, further_tests
from tailproof.report.page.section import Section, Table
from tailproof.report.run_record import RunRecord

FORECAST_CHARTS = (decile_chart, calibration_chart, month_chart, hour_chart, regime_chart)


def sections(run: RunRecord) -> list[Section]:
    """Every section that has content, in reading order."""
    found = findings(run.verdict)
    every = [
        _evidence(run, found),
        _data(run),
        _target(run),
        _training(run),
        _forecasts(run),
        _money(run),
        _features(run),
        _stability(run, found),
        _environment(run),
    ]
    return [section for section in every if section.filled]


def _evidence(run: RunRecord, found: Findings) -> Section:
    audit = run.verdict.get("audit")
    every = (tables.comparison(found), against_baselines(run.verdict), further_tests(run.verdict))
    return Section(
        key="evidence",
        title="The evidence",
        lead="Everything the verdict rests on, each figure beside what knows nothing.",
        charts=_kept(rank_ic_chart(found), baseline_chart(found)),
        tables=tuple(table for table in every if table.rows),
        notes=tuple(str(note) for note in (audit.get("notes", []) if audit else [])),
    )


def _data(run: RunRecord) -> Section:
    bars = run.facts.get("bars")
    if not bars:
        return Section(key="data", title="The data")
    sessions = f", in {bars['sessions']:,} sessions" if bars["bar_seconds"] < 86_400.0 else ""
    lead = (
        f"{bars['rows']:,} bars from {bars['source']}, {bars['first']} to {bars['last']} UTC"
        f"{sessions}. {run.facts['rows']['kept']:,} of them became rows to learn from."
    )
    every = (
        tables.folds(run.test),
        tables.split(run.facts),
        tables.left_out(run.facts),
        tables.faults(run.quality),
        tables.repairs(run.quality),
    )
    return Section(
        key="data",
        title="The data",
        lead=lead,
        tables=tuple(table for table in every if table.rows),
        notes=(*bars["notes"], *run.facts["features"]["notes"]),
    )


def _target(run: RunRecord) -> Section:
    target = run.facts.get("target", {})
    return Section(
        key="target",
        title="The target, before and after",
        lead="What the network is asked for is not the return itself, whose tails would rule the loss, but a transform "
        "fitted on the training rows alone.",
        charts=tuple(target_charts(target)),
        tables=(tables.target(target),) if target else (),
    )


def _training(run: RunRecord) -> Section:
    network = run.config.get("network", {})
    skipped = len(run.guards)
    lead = f"{network['layers']}: {network['parameters']:,} parameters. " if network else ""
    lead += f"{skipped:,} steps were skipped by the guards." if skipped else "No step was skipped by the guards."
    return Section(
        key="training",
        title="Training",
        lead=lead,
        charts=tuple(training_charts(run)),
        tables=(tables.epochs(run),) if run.epochs else (),
    )


def _forecasts(run: RunRecord) -> Section:
    test = run.test
    return Section(
        key="forecasts",
        title="The forecasts",
        lead=f"The {len(test):,} test rows, each forecast by networks that never trained on it.",
        charts=_kept(*(make(test) for make in FORECAST_CHARTS)),
    )


def _money(run: RunRecord) -> Section:
    costs = run.verdict.get("costs") or {}
    return Section(
        key="money",
        title="Would it pay?",
        lead=str(costs.get("rule", "")),
        charts=_kept(equity_chart(run.facts.get("equity", {})), cost_chart(costs)),
        tables=(tables.costs(costs, run.verdict.get("trials") or {}),) if costs else (),
    )


def _features(run: RunRecord) -> Section:
    return Section(
        key="features",
        title="Features",
        charts=_kept(importance_chart(run.facts), drift_chart(run.facts.get("drift", []))),
        tables=(tables.features(run),) if run.statistics.get("scaling") else (),
    )


def _stability(run: RunRecord, found: Findings) -> Section:
    statistics = run.verdict.get("statistics") or {}
    members = statistics.get("member_rank_ics", [])
    return Section(
        key="stability",
        title="Stability over seeds and folds",
        charts=_kept(seed_chart(members, found), fold_chart(run.test)),
    )


def _environment(run: RunRecord) -> Section:
    environment: dict[str, Any] = run.config.get("environment", {})
    command = environment.get("command", [])
    made: tuple[Table, ...] = (tables.environment(run),) if environment else ()
    return Section(
        key="environment",
        title="Environment",
        lead="The exact command, and everything that was around it." if command else "",
        tables=(*made, tables.settings(run)),
        code=shlex.join(command),
    )


def _kept(*charts: Chart | None) -> tuple[Chart, ...]:
    return tuple(chart for chart in charts if chart is not None)
