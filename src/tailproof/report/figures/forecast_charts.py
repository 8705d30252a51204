"""The worth of the forecasts: by tenth, against their own scale, by month, by hour, by volatility.

Every figure is one of the verdict's: nothing is computed here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tailproof.report.figures.chart import Axis, Chart, Dots, Line, Rule
from tailproof.report.findings import number
from tailproof.report.numbers.percentiles import middle_percentiles
from tailproof.report.numbers.slice_means import SliceMeans, interval, slice_means

BASIS_POINT = 1e-4
MIN_SESSIONS = 30
"""Fewer sessions are not divided into quiet, middle and wild ones."""


def decile_chart(statistics: dict[str, Any]) -> Chart | None:
    """Mean realised return of each tenth of the forecasts; None where the forecast hardly varies."""
    means = _in_basis_points(decile_returns(statistics))
    if len(means.names) < 3:
        return None
    overall = float((means.mean_G * means.rows_G).sum() / means.rows_G.sum())
    return Chart(
        key="deciles",
        title="Realised return by tenth of the forecast",
        reading="Each dot is the mean return of a tenth of the test rows, lowest forecasts left"
        f"{interval(means)}; skill rises from left to right.",
        limits="It shows returns before any cost, and says nothing about which row inside a tenth will do well.",
        x=Axis(label="percentile of the forecast, lowest first", whole=True, low=0.0, high=100.0),
        y=Axis(label="mean return, basis points", scale="signed"),
        marks=(
            Rule(name=f"mean of all rows, {overall:+.3g} bp".replace("-", "−"), value=overall),
            _dots("tenth at percentile", means, x_K=middle_percentiles(means.rows_G)),
        ),
    )


def calibration_chart(statistics: dict[str, Any]) -> Chart | None:
    """Mean target of each tenth against its mean forecast; None where the forecast hardly varies."""
    tenths = _deciles(statistics)
    if len(tenths) < 3:
        return None
    means = slice_means(tenths, value="target", low="target_low", high="target_high")
    x_K = np.array([number(each.get("prediction")) for each in tenths])
    ends = np.array([x_K.min(), x_K.max()])
    return Chart(
        key="calibration",
        title="Does a forecast mean what it says?",
        reading=f"Each dot is a tenth of the test rows{interval(means)}; on the dashed line the target "
        "came out as forecast, and a flatter row of dots means forecasts too bold.",
        limits="A perfectly calibrated constant would be one dot: calibration is not skill.",
        x=Axis(label="mean forecast, units of the target"),
        y=Axis(label="mean target"),
        marks=(
            Line(name="forecast = target", x_K=ends, y_K=ends, role="beside"),
            Dots(name="tenth", x_K=x_K, y_K=means.mean_G, low_K=means.low_G, high_K=means.high_G),
        ),
    )


def month_chart(statistics: dict[str, Any]) -> Chart | None:
    """Rank IC by calendar month; None for fewer than two."""
    means = slice_means(statistics.get("by_month", ()), value="rank_ic")
    if not _worth_drawing(means):
        return None
    start_K = np.array(means.names, dtype="datetime64[M]").astype("datetime64[ns]").astype(np.int64)
    return Chart(
        key="ic-month",
        title="Rank IC by month",
        reading="Each dot is the part of the rank IC earned in one month, its 95 % interval where it has ten days; "
        "lasting skill stays on one side of zero.",
        limits="A single month proves little: with no skill at all, one interval in twenty still misses zero.",
        x=Axis(label="month, UTC", scale="time"),
        y=Axis(label="rank IC", scale="signed"),
        marks=(Rule(name="zero", value=0.0), _dots("month", means, x_K=start_K)),
    )


def hour_chart(statistics: dict[str, Any]) -> Chart | None:
    """Rank IC by hour of the day; None where rows are known at one hour only, as those of daily bars are."""
    means = slice_means(statistics.get("by_hour", ()), value="rank_ic")
    if not _worth_drawing(means):
        return None
    hour_K = np.array([float(name[:2]) for name in means.names])
    return Chart(
        key="ic-hour",
        title="Rank IC by hour of the day",
        reading=f"Each dot is the part of the rank IC earned in one hour{interval(means)}; skill that "
        "lives in one thin hour is hard to trade.",
        limits="Hours are UTC, so New York's session moves by an hour in summer; volume at that hour is not shown.",
        x=Axis(label="hour of the day, UTC", whole=True, low=-0.5, high=23.5),
        y=Axis(label="rank IC", scale="signed"),
        marks=(Rule(name="zero", value=0.0), _dots("hour", means, x_K=hour_K)),
    )


def regime_chart(statistics: dict[str, Any], *, unit: str) -> Chart | None:
    """Rank IC in quiet, middle and wild sessions (or months); None where there are too few of them to part."""
    means = slice_means(statistics.get("by_volatility", ()), value="rank_ic")
    if len(means.names) < 3 or statistics.get("groups", 0) < MIN_SESSIONS or not _worth_drawing(means):
        return None
    return Chart(
        key="ic-regime",
        title="Rank IC in quiet and in wild times",
        reading=f"Each dot is the part of the rank IC earned in a third of the {unit}, sorted by mean absolute return"
        f"{interval(means)}.",
        limits=f"Which third a {unit[:-1]} belongs to is known only afterwards: this is no rule to trade by.",
        x=Axis(label="rank IC", scale="signed"),
        y=Axis(label=f"{unit} by volatility", scale="category", categories=(f"quiet {unit}", "middle", f"wild {unit}")),
        marks=(
            Rule(name="zero", value=0.0, across="x"),
            Dots(name="third", x_K=means.mean_G, y_K=np.arange(3.0), low_K=means.low_G, high_K=means.high_G),
        ),
    )


def decile_returns(statistics: dict[str, Any]) -> SliceMeans:
    """Mean realised return of each tenth of the forecasts, with its interval."""
    return slice_means(_deciles(statistics), value="mean_return", low="return_low", high="return_high")


def _deciles(statistics: dict[str, Any]) -> list[dict[str, Any]]:
    return list((statistics.get("calibration") or {}).get("deciles", ()))


def _in_basis_points(means: SliceMeans) -> SliceMeans:
    scaled = {name: getattr(means, name) / BASIS_POINT for name in ("mean_G", "low_G", "high_G")}
    return replace(means, **scaled)


def _worth_drawing(means: SliceMeans) -> bool:
    return len(means.names) > 1 and bool(np.isfinite(means.mean_G).all())


def _dots(name: str, means: SliceMeans, *, x_K: np.ndarray) -> Dots:
    return Dots(name=name, x_K=x_K, y_K=means.mean_G, low_K=means.low_G, high_K=means.high_G)
