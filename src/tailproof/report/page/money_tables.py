"""The tables of a tear sheet: what the rule earned, in money and in percent of one contract, and when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tailproof.core.estimate import Estimate
from tailproof.core.verdict import MIN_DAYS_FOR_SHARPE
from tailproof.report.findings import estimate, number
from tailproof.report.money import money_form
from tailproof.report.page.page_section import Cell, Table, bounds, figure, text

PERCENT = "+,.2f"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Row = tuple[Cell, ...]


def costs(earned: dict[str, Any], trials: dict[str, Any], statistics: dict[str, Any]) -> Table:
    """The rule's earnings and costs, beside a constant position.

    Args:
        earned: the costs of verdict.json.
        trials: its trials.
        statistics: its statistics, for the autocorrelation of the forecast.
    """
    rows = [
        *_rates(earned, (("break-even cost per side, bp", "break_even_bp", ",.3f"),)),
        *_rates(earned, (("modelled cost per side, bp", "cost_bp", ",.3f"),)),
        *_earned(earned),
        *_positions(earned, statistics),
        *_sharpe(earned),
        *_trials(trials),
    ]
    return Table(
        key="cost-table",
        title="What the rule earned",
        reading="A forecaster without skill loses exactly the modelled cost. It would pay where both intervals lie "
        "above zero. Percent are of the mean value of one contract." + _too_few_days(earned),
        head=("figure", "value", "% of a contract"),
        rows=tuple(rows),
        alone=True,
    )


def months(results: dict[str, float], *, notional: float) -> Table:
    """Net result of every month, one row per year; no rows where there are no results.

    Args:
        results: net result of each month by its name, such as "2024-03".
        notional: mean value of one contract.
    """
    rows = []
    # Twelve months and their sum stand side by side: from a hundred on, cents are noise.
    rounded = f"+{money_form(notional)}" if max(map(abs, results.values()), default=0.0) < 100.0 else "+,.0f"
    for year in sorted({name[:4] for name in results}):
        own = [number(results.get(f"{year}-{month:02d}")) for month in range(1, 13)]
        whole = math.fsum(value for value in own if math.isfinite(value))
        cells = [figure(value, rounded) for value in (*own, whole)]
        rows.append((text(year), *cells, _percent(whole, notional)))
    return Table(
        key="months",
        title="Net result by month",
        reading="Money, after costs, in the month in which each trading day ended (UTC); the last column is the "
        "year's sum in percent of the mean value of one contract.",
        head=("year", *MONTHS, "sum", "%"),
        rows=tuple(rows),
        wide=True,
    )


def horizons(statistics: dict[str, Any]) -> Table:
    """Rank IC of the same forecasts with the return over more bars; no rows where a run did not write them."""
    rows = []
    for each in statistics.get("by_horizon", []):
        ic = estimate(each["rank_ic"])
        bars = "1 bar" if each["bars"] == 1 else f"{each['bars']} bars"
        rows.append((text(bars), figure(ic.value, "+.4f"), bounds(ic, "+.4f"), figure(each["rows"], ",d")))
    return Table(
        key="horizons",
        title="Rank IC by horizon",
        reading="The forecast as it was made, against the return from the close of its bar over so many bars: where it "
        "falls off quickly, it has to be traded quickly.",
        head=("return over", "rank IC", "95 % interval", "rows"),
        rows=tuple(rows),
    )


def _earned(earned: dict[str, Any]) -> list[Row]:
    """Every amount of money, beside its percentage."""
    notional, constant = number(earned.get("notional")), f"always {earned.get('constant', 'long')}"
    money = f"+{money_form(notional)}"
    shown = (
        ("gross result", "gross"),
        ("… of long positions", "gross_long"),
        ("… of short positions", "gross_short"),
        ("net result", "net"),
        (f"net result of being {constant}", "constant_net"),
        ("largest drawdown, bar by bar", "drawdown"),
    )
    rows: list[Row] = []
    for name, key in shown:
        if key in earned:
            value = number(earned[key])
            rows.append((text(f"{name}, money"), figure(value, money), _percent(value, notional)))
    for name, key in (("net result", "net_interval"), (f"net result less that of being {constant}", "above_constant")):
        if key in earned:
            each = estimate(earned[key])
            name = f"{name}, 95 % interval, money"
            rows.append((text(name), bounds(each, money), bounds(_in_percent(each, notional), PERCENT)))
    return rows


def _positions(earned: dict[str, Any], statistics: dict[str, Any]) -> list[Row]:
    shown = (
        ("share of the bars long", "share_long", ".1%"),
        ("share of the bars short", "share_short", ".1%"),
        ("turnover: contracts traded per day", "turnover_per_day", ",.3g"),
    )
    forecast = (("autocorrelation of the forecast, from bar to bar", "forecast_autocorrelation", "+.3f"),)
    return [*_rates(earned, shown), *_rates(statistics, forecast), *_rates(earned, (("trading days", "days", ",.0f"),))]


def _sharpe(earned: dict[str, Any]) -> list[Row]:
    rows = _rates(earned, (("Sharpe ratio, annualised, net", "sharpe", "+.2f"),))
    rolling = earned.get("rolling_sharpe")
    if rolling:
        of = f"Sharpe ratio of {rolling['days']} days"
        rows += _rates(rolling, tuple((f"{of}, {name}", name, "+.2f") for name in ("lowest", "highest", "latest")))
    probabilities = (
        ("probability that Sharpe is above zero", "probabilistic_sharpe", ".1%"),
        ("the same, counting all trials", "deflated_sharpe", ".1%"),
    )
    return rows + _rates(earned, probabilities)


def _trials(trials: dict[str, Any]) -> list[Row]:
    if not trials:
        return []
    rows = _rates(trials, (("configurations tried on this data, this one included", "count", ",.0f"),))
    if math.isfinite(number(trials.get("probability_of_overfitting"))):
        name = "probability that choosing among them overfits"
        rows += _rates(trials, ((name, "probability_of_overfitting", ".1%"),))
    if trials.get("left_out"):
        rows += _rates(trials, (("trials left out of it: they share too few days", "left_out", ",.0f"),))
    return rows


def _rates(earned: dict[str, Any], shown: Sequence[tuple[str, str, str]]) -> list[Row]:
    """Rows of figures that are no money."""
    return [(text(name), figure(number(earned[key]), form), text("")) for name, key, form in shown if key in earned]


def _percent(value: float, notional: float) -> Cell:
    return figure(100.0 * value / notional if notional > 0.0 else math.nan, PERCENT)


def _in_percent(each: Estimate, notional: float) -> Estimate:
    if not notional > 0.0:
        return Estimate(value=math.nan)
    share = 100.0 / notional
    return Estimate(value=share * each.value, low=share * each.low, high=share * each.high)


def _too_few_days(earned: dict[str, Any]) -> str:
    if number(earned.get("days")) >= MIN_DAYS_FOR_SHARPE or "days" not in earned:
        return ""
    return f" Fewer than {MIN_DAYS_FOR_SHARPE} trading days say nothing of a Sharpe ratio, so none is given."
