"""Further tests of the forecasts, each result beside the value that would mean "nothing there"."""

from __future__ import annotations

from typing import Any

from tailproof.core.estimate import Estimate
from tailproof.report.findings import estimate, number
from tailproof.report.page.page_section import Cell, Table, bounds, figure, p_value, text

INTERVALS = (
    ("skill against zero, Huber loss", "skill_vs_zero", "+.4%", "0"),
    ("skill against the constant, squared loss", "squared_skill_vs_constant", "+.4%", "0"),
    ("skill against zero, squared loss", "squared_skill_vs_zero", "+.4%", "0"),
    ("correlation of forecast and mean return", "mean_return_ic", "+.4f", "0, however skewed returns are"),
    ("hit rate above chance", "hit_rate_excess", "+.2%", "0"),
    ("rank IC from the next open", "from_next_open", "+.4f", "0; what an order could have had"),
    ("rank IC one bar late", "one_bar_late", "+.4f", "0; bounce between bid and ask falls to 0 too"),
)


def further_tests(verdict: dict[str, Any]) -> Table:
    """One row per test; no rows where the verdict holds none."""
    statistics = verdict.get("statistics") or {}
    rows = [
        _row(name, estimate(statistics[key]), form, nothing)
        for name, key, form, nothing in INTERVALS
        if key in statistics
    ]
    if "calibration" in statistics:
        calibration = statistics["calibration"]
        rows.append(_row("calibration slope", estimate(calibration["slope"]), ".3f", "0; calibrated: 1"))
        before = Estimate(value=number(calibration.get("slope_before")))  # older runs hold none
        rows.append(_row("calibration slope before forecasts were shrunk", before, ".3f", "0; calibrated: 1"))
    if "pesaran_timmermann" in statistics:
        value = number(statistics["pesaran_timmermann"]["p_value"])
        rows.append(_p("direction forecast no better than by chance (Pesaran-Timmermann)", value))
    if statistics.get("baselines_superior_ability") is not None:
        p = number(statistics["baselines_superior_ability"])
        rows.append(_p("no baseline beats the network (Hansen's SPA)", p))
    if statistics.get("superior_ability") is not None:
        rows.append(_p("nothing beats the constant (Hansen's SPA)", number(statistics["superior_ability"])))
    return Table(
        key="further-tests",
        title="Further tests",
        reading="Intervals hold 95 %; a p-value is how often chance alone would show as much. Of so many tests, one in "
        "twenty looks striking for no reason.",
        head=("question", "value", "95 % interval", "without skill"),
        rows=tuple(row for row in rows if row[1].text != "–"),
    )


def against_baselines(verdict: dict[str, Any]) -> Table:
    """How much better than each baseline; no rows where the verdict holds none."""
    rows = []
    for name, baseline in (verdict.get("baselines") or {}).items():
        if "rank_ic_difference" in baseline:
            difference = estimate(baseline["rank_ic_difference"])
            cells = (text(name, whole=True), figure(difference.value, "+.4f"), bounds(difference, "+.4f"))
            rows.append((*cells, p_value(number((baseline.get("diebold_mariano") or {}).get("p_value")))))
    return Table(
        key="against-baselines",
        title="Less each baseline",
        reading="An interval that holds zero decides nothing. The Diebold-Mariano p is how often two equally close "
        "forecasters would differ as much in loss.",
        head=("baseline", "rank IC difference", "95 % interval", "Diebold-Mariano p"),
        rows=tuple(rows),
    )


def _row(name: str, each: Estimate, form: str, nothing: str) -> tuple[Cell, ...]:
    return text(name), figure(each.value, form), bounds(each, form), text(nothing)


def _p(name: str, value: float) -> tuple[Cell, ...]:
    return text(f"{name}: p"), p_value(value), bounds(Estimate(value=value), ""), text("large")
