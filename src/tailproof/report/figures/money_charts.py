"""Would it pay: the running result and how costs eat it."""

from __future__ import annotations

from typing import Any

import numpy as np

from tailproof.core.verdict import ROLLING_DAYS
from tailproof.report.figures.chart import Axis, Chart, Line, Mark, MarkRole, Rule
from tailproof.report.findings import number
from tailproof.report.numbers.thin import keep_extremes

BUCKETS = 150


def equity_chart(equity: dict[str, Any]) -> Chart | None:
    """Running gross and net result.

    ``equity`` holds ``known_at`` (nanoseconds UTC), ``gross``, ``net`` and ``unit``, and of newer runs ``long_net``.
    """
    if not equity:
        return None
    known_at_N = np.array(equity["known_at"], dtype=float)
    shown: tuple[tuple[str, str, MarkRole], ...] = (
        ("gross", "gross", "other"),
        ("net", "net", "result"),
        ("long_net", "always long, net", "beside"),  # last: it is dashed, so a line below it is seen
    )
    lines = []
    for key, name, role in shown:
        if key in equity:
            x_K, y_K = keep_extremes(known_at_N, np.array(equity[key], dtype=float), buckets=BUCKETS)
            lines.append(Line(name=name, x_K=x_K, y_K=y_K, role=role))
    return Chart(
        key="equity",
        title="Running result, gross and net",
        reading="What the stated rule would have made from the first test row on, before costs and after; "
        "only the net line could be spent, and a market that rises pays without any forecast.",
        limits="Fills are modelled, without market impact, and the past rows are one draw of many.",
        x=Axis(label="time, UTC", scale="time"),
        y=Axis(label=f"running result, {equity['unit']}", scale="signed"),
        marks=(Rule(name="nothing", value=0.0), *lines),
    )


def drawdown_chart(equity: dict[str, Any]) -> Chart | None:
    """How far the net result lies below its highest point so far; None where an older run did not write it."""
    if "drawdown" not in equity:
        return None
    known_at_N = np.array(equity["known_at"], dtype=float)
    x_K, y_K = keep_extremes(known_at_N, np.array(equity["drawdown"], dtype=float), buckets=BUCKETS)
    return Chart(
        key="drawdown",
        title="Below the highest point so far",
        reading="The net result less the highest it had reached: zero at a new high, and what had to be sat through "
        "elsewhere.",
        limits="Day by day; the largest drawdown in the table is bar by bar, and a deeper one may still come.",
        x=Axis(label="time, UTC", scale="time"),
        y=Axis(label=f"below the peak, {equity['unit']}", scale="signed"),
        marks=(Rule(name="a new high", value=0.0), Line(name="net", x_K=x_K, y_K=y_K)),
    )


def rolling_sharpe_chart(equity: dict[str, Any]) -> Chart | None:
    """The Sharpe ratio of the half year up to each day; None where no half year was tested."""
    ratio_N = np.array([number(value) for value in equity.get("rolling_sharpe", [])])
    known_N = np.isfinite(ratio_N)
    if not known_N.any():
        return None
    known_at_N = np.array(equity["known_at"], dtype=float)
    x_K, y_K = keep_extremes(known_at_N[known_N], ratio_N[known_N], buckets=BUCKETS)
    return Chart(
        key="rolling-sharpe",
        title="Sharpe ratio of the half year before",
        reading=f"Annualised, of the net results of the last {ROLLING_DAYS} trading days: a rule that works lies above "
        "zero most of the time, not in one stretch.",
        limits="Half a year's ratio has a standard error of about 1.4: waves of that size are chance.",
        x=Axis(label="time, UTC", scale="time"),
        y=Axis(label="Sharpe ratio, annualised", scale="signed"),
        marks=(Rule(name="nothing", value=0.0), Line(name="net", x_K=x_K, y_K=y_K)),
    )


def cost_chart(costs: dict[str, Any]) -> Chart | None:
    """Net result against the cost per side: a straight line, as the rule trades the same at any cost.

    A rule that loses before costs breaks even nowhere: the line starts below zero.
    """
    gross, even = number(costs.get("gross")), number(costs.get("break_even_bp"))
    modelled = number(costs.get("cost_bp"))
    end = 2.0 * max(even, modelled if np.isfinite(modelled) else 0.0)
    if not np.isfinite([gross, even]).all() or even == 0.0 or end <= 0.0:
        return None
    x_K = np.linspace(0.0, end, 41)
    marks: list[Mark] = [Rule(name="nothing", value=0.0)]
    if even > 0.0:
        marks.append(Rule(name=f"break-even, {even:.3g} bp", value=even, across="x", role="third"))
    if np.isfinite(modelled):
        marks.append(Rule(name=f"modelled cost, {modelled:.3g} bp", value=modelled, across="x", role="other"))
    return Chart(
        key="costs",
        title="Net result against cost",
        reading="Where the line crosses zero lies the break-even cost; a modelled cost to its right loses."
        if even > 0.0
        else "The line starts below zero: the rule loses before any cost, and each cost makes it worse.",
        limits="The line is straight because the rule trades the same at any cost; a thriftier rule is not shown.",
        x=Axis(label="cost per side, basis points of the traded value", low=0.0),
        y=Axis(label="net result, money", scale="signed"),
        marks=(*marks, Line(name="net result", x_K=x_K, y_K=gross * (1.0 - x_K / even))),
    )
