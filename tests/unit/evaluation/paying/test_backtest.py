from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from tailproof.core.errors import ConfigError
from tailproof.core.records import Bars
from tailproof.core.stretches import holding_stretches
from tailproof.core.verdict import CostResult
from tailproof.evaluation.paying import Backtest, TradingRule, backtest, cost_result, fill_prices

RNG = np.random.default_rng(0)
ROWS = 3_000
SESSION = np.arange(ROWS) // 100
MARTINGALE = 4_000.0 + 0.25 * np.round(np.cumsum(RNG.normal(size=ROWS)))
RULE = TradingRule(half_spread=0.5, fee=0.1, multiplier=50.0)


def plain_backtest(signal_N, fill_N, session_N, rule: TradingRule) -> tuple[float, float, float]:
    """The oracle: one row after the other."""
    gross = cost = contracts = position = 0.0
    for row in range(len(signal_N)):
        if row and session_N[row] == session_N[row - 1]:
            gross += position * (fill_N[row] - fill_N[row - 1]) * rule.multiplier
        else:
            position = 0.0
        wanted = position
        if abs(signal_N[row]) > rule.band:
            wanted = float(np.sign(signal_N[row]))
        if row + 1 == len(signal_N) or session_N[row + 1] != session_N[row]:
            wanted = 0.0
        price = rule.cost * rule.tick if rule.unit == "ticks" else rule.cost * 1e-4 * fill_N[row]
        cost += abs(wanted - position) * price * rule.multiplier
        contracts += abs(wanted - position)
        position = wanted
    return gross, cost, contracts


@pytest.mark.parametrize("band", [0.0, 0.7])
@pytest.mark.parametrize("unit", ["ticks", "bp"])
def test_it_trades_as_a_loop_over_rows_does(band: float, unit) -> None:
    signal_N = RNG.normal(size=ROWS).round(1)
    rule = TradingRule(half_spread=0.5, fee=0.1, unit=unit, multiplier=50.0, band=band)
    done = backtest(signal_N, MARTINGALE, SESSION, rule=rule)
    expected = plain_backtest(signal_N, MARTINGALE, SESSION, rule)
    assert (done.gross_S.sum(), done.cost_S.sum(), done.contracts_S.sum()) == pytest.approx(expected)


def test_a_predictor_without_skill_loses_exactly_the_modelled_cost() -> None:
    """Over many random signals on one price path the gross result averages to zero, so the net is minus the cost."""
    results = [backtest(RNG.normal(size=ROWS), MARTINGALE, SESSION, rule=RULE) for _ in range(400)]
    gross, net, cost = np.array([(run.gross_S.sum(), run.net_S.sum(), run.cost_S.sum()) for run in results]).T
    error = gross.std(ddof=1) / np.sqrt(len(gross))
    assert abs(gross.mean()) < 3.0 * error
    assert net.mean() == pytest.approx(-cost.mean(), abs=3.0 * error)
    assert cost.mean() > 30.0 * error
    a_trade = RULE.cost * RULE.tick * RULE.multiplier
    assert results[0].cost_S.sum() == pytest.approx(results[0].contracts_S.sum() * a_trade)


def test_where_prices_stand_still_the_loss_is_the_cost_to_the_cent() -> None:
    done = backtest(RNG.normal(size=ROWS), np.full(ROWS, 4_000.0), SESSION, rule=RULE)
    assert done.gross_S.sum() == 0.0
    assert done.net_S.sum() == -done.cost_S.sum()


def test_at_the_break_even_cost_the_net_result_is_zero() -> None:
    signal_N = np.r_[np.diff(MARTINGALE), 0.0]
    gross = backtest(signal_N, MARTINGALE, SESSION, rule=TradingRule(half_spread=0.0))
    assert gross.break_even_bp > 0.0
    rule = TradingRule(half_spread=gross.break_even_bp, unit="bp")
    assert backtest(signal_N, MARTINGALE, SESSION, rule=rule).net_S.sum() == pytest.approx(0.0, abs=1e-6)


def test_a_wide_band_never_trades() -> None:
    done = backtest(RNG.normal(size=ROWS), MARTINGALE, SESSION, rule=TradingRule(half_spread=1.0, band=99.0))
    assert done.contracts_S.sum() == 0.0
    assert np.isnan(done.break_even_bp)
    result = result_of(done, known_at_N=np.arange(ROWS) * 60_000_000_000)
    assert np.isnan(result.sharpe)
    assert np.isnan(result.deflated_sharpe)


def test_nothing_is_earned_over_the_gap_between_sessions() -> None:
    gap_N = MARTINGALE + 1_000.0 * SESSION
    always_long = np.ones(ROWS)
    assert backtest(always_long, gap_N, SESSION, rule=RULE).gross_S.sum() == pytest.approx(
        backtest(always_long, MARTINGALE, SESSION, rule=RULE).gross_S.sum()
    )


def test_daily_bars_are_held_over_night_and_counted_by_day() -> None:
    done = backtest(np.ones(10), np.arange(10.0), np.zeros(10), rule=RULE, period_N=np.arange(10))
    assert done.gross_S.tolist() == [50.0] * 9 + [0.0]
    assert done.contracts_S.tolist() == [1.0, *[0.0] * 8, 1.0]


def test_one_bar_late_fills_are_worse_for_a_signal_that_decays() -> None:
    open_B = close_B = np.cumsum(RNG.normal(size=ROWS))
    bar_N = np.arange(ROWS - 3)
    knows_N = np.diff(open_B)[1:-1]
    early, late = (
        backtest(
            knows_N,
            fill_prices(open_B, close_B, np.zeros(ROWS), bar_N, bars_late=bars)[: len(knows_N)],
            np.zeros(len(knows_N)),
            rule=TradingRule(half_spread=0.0),
        ).gross_S.sum()
        for bars in (0, 1)
    )
    assert early > 1_000.0
    assert abs(late) < 200.0


def test_the_drawdown_is_the_deepest_fall_from_a_peak() -> None:
    price_N, free = np.array([0.0, 5.0, 2.0, 9.0, 1.0, 4.0]), TradingRule(half_spread=0.0)
    done = backtest(np.ones(6), price_N, np.zeros(6), rule=free, period_N=np.arange(6))
    assert done.drawdown == 8.0


def result_of(done: Backtest, **changes) -> CostResult:
    """Beside constant positions on the same prices."""
    long, short = (backtest(sign * np.ones(ROWS), MARTINGALE, SESSION, rule=done.rule) for sign in (1.0, -1.0))
    usual = {
        "long": long,
        "short": short,
        "known_at_N": np.arange(ROWS),
        "known_at_S": np.arange(len(done.net_S)),
        "rng": np.random.default_rng(0),
    }
    return cost_result(done, **{**usual, **changes})


def test_the_result_is_annualised_by_its_own_calendar() -> None:
    day = 86_400_000_000_000
    signal_N = np.r_[np.diff(MARTINGALE), 0.0] + RNG.normal(size=ROWS)
    period_N = np.arange(ROWS) // 50
    done = backtest(signal_N, MARTINGALE, SESSION, rule=TradingRule(half_spread=0.0), period_N=period_N)
    long, short = (
        backtest(sign * np.ones(ROWS), MARTINGALE, SESSION, rule=done.rule, period_N=period_N) for sign in (1.0, -1.0)
    )
    year = np.linspace(0, 365.25 * day, ROWS).astype(np.int64)
    result = result_of(done, long=long, short=short, known_at_N=year)
    net_S = done.net_S
    assert result.sharpe == pytest.approx(net_S.mean() / net_S.std(ddof=1) * np.sqrt(60))
    assert result.deflated_sharpe == result.probabilistic_sharpe
    assert result.pays
    assert result.net_interval.low < result.net < result.net_interval.high
    tried = result_of(done, long=long, short=short, earlier_sharpes=list(RNG.normal(size=50)))
    assert tried.deflated_sharpe < tried.probabilistic_sharpe


def test_few_days_have_no_sharpe_ratio() -> None:
    result = result_of(backtest(RNG.normal(size=ROWS), MARTINGALE, SESSION, rule=RULE))
    assert result.days == 30
    assert np.isnan(result.sharpe)
    assert np.isnan(result.deflated_sharpe)


def test_always_long_in_a_market_that_rises_does_not_pay_more_than_itself() -> None:
    rising_N = MARTINGALE + 0.5 * np.arange(ROWS)
    free = TradingRule(half_spread=0.0)
    done, short = (backtest(sign * np.ones(ROWS), rising_N, SESSION, rule=free) for sign in (1.0, -1.0))
    result = result_of(done, long=done, short=short)
    assert result.net_interval.low > 0.0
    assert result.constant == "long"
    assert result.above_constant.low == 0.0
    assert not result.pays
    assert result.share_long == pytest.approx(0.99)
    assert result.gross_long == pytest.approx(result.gross)


@pytest.mark.parametrize("column", ["contract", "raw_symbol", "ric"])
def test_nothing_is_earned_between_two_contracts(column: str) -> None:
    """Daily bars: each contract starts 40 points above the one before, as an independent loop does not earn."""
    contract_N = np.arange(ROWS) // 63
    price_N = MARTINGALE + 40.0 * contract_N
    frame = pl.DataFrame({"session": np.zeros(ROWS), column: [f"ES{each}" for each in contract_N]})
    bars = Bars(frame=frame, bar_length=timedelta(days=1), source="rolls")
    stretch_N = holding_stretches(bars)
    fill_N = fill_prices(price_N, price_N, stretch_N, np.arange(ROWS))
    done = backtest(np.ones(ROWS), fill_N, stretch_N, rule=TradingRule(half_spread=0.0), period_N=np.arange(ROWS))
    expected = sum(price_N[last] - price_N[first + 1] for first, last in edges(contract_N))
    assert done.gross_S.sum() == pytest.approx(expected)
    assert abs(expected - (MARTINGALE[-1] - MARTINGALE[0])) < 0.2 * 40.0 * contract_N[-1]


def edges(number_N: np.ndarray) -> list[tuple[int, int]]:
    """First and last row of each run of equal numbers."""
    starts = np.flatnonzero(np.r_[True, np.diff(number_N) != 0])
    return list(zip(starts, np.r_[starts[1:], len(number_N)] - 1, strict=True))


def test_impossible_rules_are_refused_with_all_faults() -> None:
    with pytest.raises(ConfigError, match=r"half-spread=-1\.0\. multiplier must be above 0, got multiplier=0\.0"):
        TradingRule(half_spread=-1.0, multiplier=0.0)


def test_the_rule_says_what_happens_between_sessions() -> None:
    assert "flat between sessions" in RULE.sentence()
    assert "held from day to day" in TradingRule(half_spread=0.5, daily=True).sentence()


def test_a_trade_below_zero_costs_as_much_as_one_above() -> None:
    signal_N, price_N = np.array([1.0, -1.0, 1.0, 1.0]), np.array([-10.0, -11.0, -9.0, -12.0])
    rule = TradingRule(half_spread=2.0, unit="bp")
    done, mirrored = (backtest(sign * signal_N, sign * price_N, np.zeros(4), rule=rule) for sign in (1.0, -1.0))
    assert done.cost_S[0] == mirrored.cost_S[0] > 0.0
    assert done.traded_value_S[0] == mirrored.traded_value_S[0] > 0.0
    assert done.gross_S[0] == mirrored.gross_S[0]
