"""What the forecasts were worth: by tenth, against their own scale, by month, by hour, by volatility."""

from __future__ import annotations

import numpy as np

from tailproof.arrays.times import as_datetimes
from tailproof.report.figures.chart import Axis, Chart, Dots, Line, Rule
from tailproof.report.numbers.deciles import middle_percentiles
from tailproof.report.numbers.grouped import GroupMeans, group_means, interval
from tailproof.report.run_record import Forecasts, months

BASIS_POINT = 1e-4
HOUR = 3_600_000_000_000
MOST_MONTHS = 36


def decile_chart(forecasts: Forecasts) -> Chart | None:
    """Mean realised return of each tenth of the forecasts; None where the forecast hardly varies."""
    decile_N, count = forecasts.deciles
    if count < 3:
        return None
    means = group_means(forecasts.return_N / BASIS_POINT, decile_N, forecasts.cluster_N, groups=count)
    overall = float(forecasts.return_N.mean() / BASIS_POINT)
    return Chart(
        key="deciles",
        title="Realised return by tenth of the forecast",
        reading="Each dot is the mean return of a tenth of the test rows, lowest forecasts left"
        f"{_interval(forecasts, means)}; skill rises from left to right.",
        limits="It shows returns before any cost, and says nothing about which row inside a tenth will do well.",
        x=Axis(label="percentile of the forecast, lowest first", whole=True, low=0.0, high=100.0),
        y=Axis(label="mean return, basis points", scale="signed"),
        marks=(
            Rule(name=f"mean of all rows, {overall:+.3g} bp".replace("-", "−"), value=overall),
            _dots("tenth at percentile", means, x_K=middle_percentiles(means.rows_G)),
        ),
    )


def calibration_chart(forecasts: Forecasts) -> Chart | None:
    """Mean target of each tenth against its mean forecast; None where the forecast hardly varies."""
    decile_N, count = forecasts.deciles
    if count < 3:
        return None
    means = group_means(forecasts.target_N, decile_N, forecasts.cluster_N, groups=count)
    x_K = np.bincount(decile_N, weights=forecasts.prediction_N) / means.rows_G
    ends = np.array([x_K.min(), x_K.max()])
    return Chart(
        key="calibration",
        title="Does a forecast mean what it says?",
        reading=f"Each dot is a tenth of the test rows{_interval(forecasts, means)}; on the dashed line the target "
        "came out as forecast, and a flatter row of dots means forecasts too bold.",
        limits="A perfectly calibrated constant would be one dot: calibration is not skill.",
        x=Axis(label="mean forecast, units of the target"),
        y=Axis(label="mean target"),
        marks=(
            Line(name="forecast = target", x_K=ends, y_K=ends, role="beside"),
            Dots(name="tenth", x_K=x_K, y_K=means.mean_G, low_K=means.low_G, high_K=means.high_G),
        ),
    )


def month_chart(forecasts: Forecasts) -> Chart | None:
    """Rank IC by calendar month, by quarter where there are many; None for fewer than two."""
    month_N = months(forecasts.known_at_N)
    step = 1 if month_N[-1] - month_N[0] < MOST_MONTHS else 3
    period_N = month_N // step
    found, group_N = np.unique(period_N, return_inverse=True)
    means = _ic(forecasts, group_N, len(found), cluster_N=_days(forecasts))
    if means is None:
        return None
    start_K = as_datetimes((found * step).astype("datetime64[M]")).astype(np.int64)
    name = "month" if step == 1 else "quarter"
    return Chart(
        key="ic-month",
        title=f"Rank IC by {name}",
        reading=f"Each dot is the part of the rank IC earned in one {name}{interval(means, of='day')}; "
        "lasting skill stays on one side of zero.",
        limits=f"A single {name} proves little: with no skill at all, one interval in twenty still misses zero.",
        x=Axis(label=f"{name}, UTC", scale="time"),
        y=Axis(label="rank IC", scale="signed"),
        marks=(Rule(name="zero", value=0.0), _dots(name, means, x_K=start_K)),
    )


def hour_chart(forecasts: Forecasts) -> Chart | None:
    """Rank IC by hour of the day; None for daily bars."""
    if forecasts.daily:
        return None
    found, group_N = np.unique(forecasts.known_at_N // HOUR % 24, return_inverse=True)
    means = _ic(forecasts, group_N, len(found))
    if means is None:
        return None
    return Chart(
        key="ic-hour",
        title="Rank IC by hour of the day",
        reading=f"Each dot is the part of the rank IC earned in one hour{_interval(forecasts, means)}; skill that "
        "lives in one thin hour is hard to trade.",
        limits="Hours are UTC, so New York's session moves by an hour in summer; volume at that hour is not shown.",
        x=Axis(label="hour of the day, UTC", whole=True, low=-0.5, high=23.5),
        y=Axis(label="rank IC", scale="signed"),
        marks=(Rule(name="zero", value=0.0), _dots("hour", means, x_K=found.astype(float))),
    )


def regime_chart(forecasts: Forecasts) -> Chart | None:
    """Rank IC in quiet, middle and wild sessions; None where there are too few sessions to part."""
    cluster_N = forecasts.cluster_N
    rows_C = np.bincount(cluster_N)
    if len(rows_C) < 30:
        return None
    size_C = np.bincount(cluster_N, weights=np.abs(forecasts.return_N)) / rows_C
    third_C = np.searchsorted(np.quantile(size_C, [1 / 3, 2 / 3]), size_C)
    means = _ic(forecasts, third_C[cluster_N], 3)
    if means is None:
        return None
    unit = "months" if forecasts.daily else "sessions"
    return Chart(
        key="ic-regime",
        title="Rank IC in quiet and in wild times",
        reading=f"Each dot is the part of the rank IC earned in a third of the {unit}, sorted by mean absolute return"
        f"{_interval(forecasts, means)}.",
        limits=f"Which third a {unit[:-1]} belongs to is known only afterwards: this is no rule to trade by.",
        x=Axis(label="rank IC", scale="signed"),
        y=Axis(label=f"{unit} by volatility", scale="category", categories=(f"quiet {unit}", "middle", f"wild {unit}")),
        marks=(
            Rule(name="zero", value=0.0, across="x"),
            Dots(name="third", x_K=means.mean_G, y_K=np.arange(3.0), low_K=means.low_G, high_K=means.high_G),
        ),
    )


def _ic(
    forecasts: Forecasts, group_N: np.ndarray, groups: int, *, cluster_N: np.ndarray | None = None
) -> GroupMeans | None:
    if groups < 2:
        return None
    product_N = forecasts.rank_product_N
    if np.isnan(product_N).any():
        return None
    clusters = forecasts.cluster_N if cluster_N is None else cluster_N
    return group_means(product_N, group_N, clusters, groups=groups)


def _interval(forecasts: Forecasts, means: GroupMeans) -> str:
    return interval(means, of="month" if forecasts.daily else "session")


def _days(forecasts: Forecasts) -> np.ndarray:
    return forecasts.known_at_N // (24 * HOUR)


def _dots(name: str, means: GroupMeans, *, x_K: np.ndarray) -> Dots:
    return Dots(name=name, x_K=x_K, y_K=means.mean_G, low_K=means.low_G, high_K=means.high_G)
