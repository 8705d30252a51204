"""The figures of the tear sheet are those that quantstats gives for the same daily results."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.reference.quantstats_numbers import DAYS_A_YEAR, NOTIONAL, NUMBERS, days, returns

from tailproof.core.verdict import CostResult
from tailproof.evaluation.paying import Backtest, TradingRule, backtest, cost_result
from tailproof.evaluation.paying.calendar import YEAR, fall_from_peak

DAILY_S = returns() * NOTIONAL
KNOWN_AT_S = days().astype("datetime64[ns]").astype(np.int64)


def done(days: int = 300) -> Backtest:
    """A backtest of these daily results; whatever else it holds does not matter here."""
    price_N, free = np.full(days, NOTIONAL), TradingRule(half_spread=0.0)
    result = backtest(np.ones(days), price_N, np.zeros(days), rule=free, period_N=np.arange(days))
    return replace(result, gross_S=DAILY_S[:days], cost_S=np.zeros(days))


def result(known_at_S: np.ndarray = KNOWN_AT_S) -> CostResult:
    """With 252 days a year, as quantstats has them."""
    known_at_N = np.array([0, int(300 / DAYS_A_YEAR * YEAR)])
    return cost_result(
        done(), long=done(), short=done(), known_at_N=known_at_N, known_at_S=known_at_S, rng=np.random.default_rng(0)
    )


def test_the_sharpe_ratio_and_its_probability() -> None:
    assert result().sharpe == pytest.approx(NUMBERS["sharpe"], rel=1e-9)
    # quantstats corrects skewness and kurtosis for the size of the sample.
    assert result().probabilistic_sharpe == pytest.approx(NUMBERS["probability"], rel=0.02)


def test_the_sharpe_ratio_of_every_half_year() -> None:
    rolling = result().rolling_sharpe
    assert rolling is not None
    assert (rolling.days, rolling.lowest, rolling.highest, rolling.latest) == pytest.approx(
        (126, NUMBERS["rolling lowest"], NUMBERS["rolling highest"], NUMBERS["rolling latest"]), rel=1e-9
    )


def test_fewer_days_than_half_a_year_have_no_rolling_ratio() -> None:
    few = done(125)
    earned = cost_result(
        few,
        long=few,
        short=few,
        known_at_N=KNOWN_AT_S[:125],
        known_at_S=KNOWN_AT_S[:125],
        rng=np.random.default_rng(0),
    )
    assert earned.rolling_sharpe is None


@pytest.mark.parametrize("month", ["2020-03", "2021-02"])
def test_the_result_of_a_month(month: str) -> None:
    assert result().by_month[month] == pytest.approx(NUMBERS[month] * NOTIONAL, rel=1e-9)


def test_the_months_of_a_year_add_up_to_it() -> None:
    year = sum(value for month, value in result().by_month.items() if month.startswith("2020"))
    assert year == pytest.approx(NUMBERS["2020"] * NOTIONAL, rel=1e-9)


def test_the_deepest_fall_of_log_prices() -> None:
    """Money is added up, so what quantstats compounds is compared in logs, where it adds up too."""
    assert fall_from_peak(returns()).min() == pytest.approx(NUMBERS["deepest of log prices"], rel=1e-9)


def test_percent_are_of_one_contract() -> None:
    earned = result()
    assert earned.net_percent == pytest.approx(100.0 * returns().sum(), rel=1e-9)
    assert earned.notional == NOTIONAL
