"""The sections of one run's report, each made only of what its run folder holds."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

from tailproof.core.counted import counted
from tailproof.core.events import WARNING
from tailproof.report.figures.chart import Chart
from tailproof.report.figures.evidence_charts import baseline_chart, rank_ic_chart
from tailproof.report.figures.feature_charts import drift_chart, importance_chart
from tailproof.report.figures.forecast_charts import (
    calibration_chart,
    decile_chart,
    hour_chart,
    month_chart,
    regime_chart,
)
from tailproof.report.figures.money_charts import (
    cost_chart,
    drawdown_chart,
    equity_chart,
    rolling_sharpe_chart,
)
from tailproof.report.figures.stability_charts import fold_chart, path_chart, seed_chart
from tailproof.report.figures.target_charts import target_charts
from tailproof.report.figures.training_charts import training_charts
from tailproof.report.findings import Findings, findings, number
from tailproof.report.page import money_tables, tables
from tailproof.report.page.further_tests import against_baselines, further_tests
from tailproof.report.page.page_section import Section, Table
from tailproof.report.run_record import RunRecord

DAY_SECONDS = 86_400.0
NO_STEP_SKIPPED = "No step was skipped by the guards."
MAX_FOLDS = 12
"""A longer table of them is opened by the reader."""
CALENDAR_ZONES = {
    "CME": "America/Chicago",
    "CBOT": "America/Chicago",
    "CFE": "America/Chicago",
    "CBOE": "America/Chicago",
    "XNYS": "America/New_York",
    "NYSE": "America/New_York",
    "XNAS": "America/New_York",
    "NASDAQ": "America/New_York",
    "ICE": "America/New_York",
    "XLON": "Europe/London",
    "LSE": "Europe/London",
    "XETR": "Europe/Berlin",
    "XFRA": "Europe/Berlin",
    "EUREX": "Europe/Berlin",
    "XPAR": "Europe/Paris",
    "XTKS": "Asia/Tokyo",
    "JPX": "Asia/Tokyo",
    "XHKG": "Asia/Hong_Kong",
    "HKEX": "Asia/Hong_Kong",
    "XASX": "Australia/Sydney",
    "ASX": "Australia/Sydney",
}
"""Zones of exchanges by how the names of their calendars begin."""
FORECAST_CHARTS = (decile_chart, calibration_chart, month_chart, hour_chart)


def sections(run: RunRecord) -> list[Section]:
    """Every section that has content, in reading order."""
    figures = findings(run.verdict)
    every = [
        _evidence(run, figures),
        _data(run),
        _target(run),
        _training(run),
        _forecasts(run),
        _money(run),
        _features(run),
        _stability(run, figures),
        _environment(run),
    ]
    return [section for section in every if section.filled]


def _evidence(run: RunRecord, figures: Findings) -> Section:
    audit = run.verdict.get("audit")
    every = (tables.comparison(figures), against_baselines(run.verdict), further_tests(run.verdict))
    return Section(
        key="evidence",
        title="The evidence",
        lead="Everything the verdict rests on, each figure beside what knows nothing.",
        charts=_kept(rank_ic_chart(figures), baseline_chart(figures)),
        tables=tuple(table for table in every if table.rows),
        notes=tuple(str(note) for note in (*(audit.get("notes", []) if audit else []), *run.verdict.get("notes", []))),
    )


def _data(run: RunRecord) -> Section:
    bars = run.facts.get("bars")
    if not bars:
        return Section(key="data", title="The data")
    stretches = counted(bars["segments"], "unbroken stretch", "unbroken stretches")
    sessions = counted(bars["sessions"], "session") if bars["bar_seconds"] < DAY_SECONDS else ""
    inside = f"{sessions} and {stretches}" if sessions else stretches
    times = span(bars, zone=exchange_zone(run.settings))
    lead = f"{counted(bars['rows'], 'bar')} from {bars['source']}, {times}, in {inside}: no return crosses a gap."
    judged = tables.folds(run.test, (run.verdict.get("statistics") or {}).get("by_fold", []), part=_part(run))
    many = len(judged.rows) > MAX_FOLDS
    faults = tables.faults(run.quality)
    every = (
        *(() if many else (judged,)),
        tables.split(run.facts),
        tables.rows_in_and_out(run),
        faults,
        tables.repairs(run.quality),
    )
    return Section(
        key="data",
        title="The data",
        lead=lead,
        tables=tuple(table for table in every if table.rows),
        folded=(judged,) if many else (),
        notes=(*_not_in(faults, bars["notes"]), *run.facts["features"]["notes"]),
    )


def _not_in(faults: Table, notes: list[str]) -> list[str]:
    """The notes without the warnings that the table of faults holds."""
    kinds = tuple(f"{WARNING}{row[0].text}:" for row in faults.rows)
    return [note for note in notes if not note.startswith(kinds)] if kinds else notes


def _target(run: RunRecord) -> Section:
    target = run.facts.get("target", {})
    return Section(
        key="target",
        title="The target",
        lead="What the network is asked for is not the return itself, whose tails would rule the loss, but a transform "
        "fitted on the training rows alone.",
        charts=tuple(target_charts(target)),
        tables=(tables.target(target),) if target else (),
    )


def _training(run: RunRecord) -> Section:
    network = run.config.get("network", {})
    interactions = run.facts.get("interactions", {})
    skipped = len(run.guards)
    lead = f"{network['layers']}: {network['parameters']:,} parameters. " if network else ""
    verb = "was" if skipped == 1 else "were"
    lead += f"{counted(skipped, 'step')} {verb} skipped by the guards." if skipped else NO_STEP_SKIPPED
    return Section(
        key="training",
        title="Training",
        lead=lead,
        charts=tuple(training_charts(run)),
        tables=(
            *((tables.epochs(run),) if run.epochs else ()),
            *((tables.interactions(interactions),) if interactions else ()),
        ),
    )


def _forecasts(run: RunRecord) -> Section:
    test, statistics = run.test, run.verdict.get("statistics") or {}
    return Section(
        key="forecasts",
        title="The forecasts",
        lead=f"The {len(test):,} test rows, each forecast by networks that never trained on it.",
        charts=_kept(
            *(make(statistics) for make in FORECAST_CHARTS),
            regime_chart(statistics, unit="months" if test.daily else "sessions"),
        ),
    )


def _money(run: RunRecord) -> Section:
    costs, equity = run.verdict.get("costs") or {}, run.facts.get("equity", {})
    statistics = run.verdict.get("statistics") or {}
    every = (
        *((money_tables.costs(costs, run.verdict.get("trials") or {}, statistics),) if costs else ()),
        money_tables.months(costs.get("by_month", {}), notional=number(costs.get("notional"))),
        money_tables.horizons(statistics),
    )
    return Section(
        key="money",
        title="Would it pay?",
        lead=sentence(str(costs.get("rule", ""))),
        charts=_kept(equity_chart(equity), drawdown_chart(equity), rolling_sharpe_chart(equity), cost_chart(costs)),
        tables=tuple(table for table in every if table.rows),
    )


def _features(run: RunRecord) -> Section:
    return Section(
        key="features",
        title="Features",
        charts=_kept(importance_chart(run.facts), drift_chart(run.facts.get("drift", []))),
        tables=(tables.features(run),) if run.statistics.get("scaling") else (),
    )


def _stability(run: RunRecord, figures: Findings) -> Section:
    statistics = run.verdict.get("statistics") or {}
    members = statistics.get("member_rank_ics", [])
    return Section(
        key="stability",
        title="Stability",
        charts=_kept(
            seed_chart(members, figures),
            fold_chart(statistics.get("by_fold", []), part=_part(run)),
            path_chart(statistics.get("path_rank_ics", [])),
        ),
    )


def _part(run: RunRecord) -> str:
    """The unit that numbers the judged rows: in a combinatorial split several folds judge each stretch of time."""
    return "stretch" if run.settings.get("split") == "combinatorial" else "fold"


def _environment(run: RunRecord) -> Section:
    environment: dict[str, Any] = run.config.get("environment", {})
    command = environment.get("command", [])
    system: tuple[Table, ...] = (tables.environment(run),) if environment else ()
    return Section(
        key="environment",
        title="Environment",
        lead="The exact command, and everything that was around it." if command else "",
        tables=(*system, *(table for table in (tables.settings(run, chosen=True),) if table.rows)),
        folded=tuple(table for table in (tables.settings(run, chosen=False),) if table.rows),
        code=shlex.join(as_typed(command)),
    )


def span(bars: dict[str, Any], *, zone: str | None = None) -> str:
    """First and last bar: dates where bars are days, else minutes UTC with the exchange's own clock beside them.

    >>> span({"first": "2024-01-02 00:00", "last": "2024-12-31 00:00", "bar_seconds": 86_400.0})
    '2024-01-02 to 2024-12-31'
    >>> span({"first": "2024-01-02 14:30", "last": "2024-07-31 19:59", "bar_seconds": 60.0}, zone="America/New_York")
    '2024-01-02 14:30 to 2024-07-31 19:59 UTC (09:30 and 15:59 in New York)'
    """
    first, last = bars["first"], bars["last"]
    if bars["bar_seconds"] >= DAY_SECONDS:
        return f"{first[:10]} to {last[:10]}"
    if zone is None:
        return f"{first} to {last} UTC"
    ends = (datetime.fromisoformat(end).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)) for end in (first, last))
    clocks = " and ".join(f"{end:%H:%M}" for end in ends)
    return f"{first} to {last} UTC ({clocks} in {zone.rsplit('/', 1)[-1].replace('_', ' ')})"


def exchange_zone(settings: dict[str, Any]) -> str | None:
    """The zone of the exchange, from the zone of the file or the calendar; None where nothing says it.

    >>> exchange_zone({"timezone": "Europe/Berlin"}), exchange_zone({"timezone": "UTC", "calendar": "CME_Equity"})
    ('Europe/Berlin', 'America/Chicago')
    """
    zone, calendar = str(settings.get("timezone", "UTC")), str(settings.get("calendar") or "").upper()
    if zone.upper() not in ("UTC", "ETC/UTC", "GMT"):
        return zone
    return next((place for prefix, place in CALENDAR_ZONES.items() if calendar.startswith(prefix)), None)


def sentence(clause: str) -> str:
    """With a capital letter and a full stop.

    >>> sentence("long above, short below")
    'Long above, short below.'
    """
    return clause and clause[0].upper() + clause[1:].rstrip(".") + "."


def as_typed(command: list[str]) -> list[str]:
    """A command line as a person types it: an installed program by its name, a script by Python.

    >>> as_typed(["/home/me/.venv/bin/tailproof", "demo"]), as_typed(["src/ml/train_robust.py", "--verbose"])
    (['tailproof', 'demo'], ['python', 'src/ml/train_robust.py', '--verbose'])
    """
    if not command:
        return []
    program, *arguments = command
    if program.endswith(("cli/main.py", "tailproof/__main__.py")):  # python -m tailproof
        return ["tailproof", *arguments]
    return ["python", program, *arguments] if program.endswith(".py") else [PurePath(program).name, *arguments]


def _kept(*charts: Chart | None) -> tuple[Chart, ...]:
    return tuple(chart for chart in charts if chart is not None)
