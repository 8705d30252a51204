"""Turns a backtest into the figures of a verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tailproof.core.verdict import MIN_DAYS_FOR_SHARPE, ROLLING_DAYS, CostResult, Interval, RollingSharpe
from tailproof.evaluation.paying.backtest import Backtest
from tailproof.evaluation.paying.calendar import days_a_year, month_results
from tailproof.evaluation.paying.sharpe import deflated_sharpe, rolling_sharpe, sharpe
from tailproof.statistics.block_length import block_length
from tailproof.statistics.bootstrap import MIN_GROUPS, no_interval, percentile_interval, resampled_sums

REPLICATIONS = 2000


def cost_result(
    done: Backtest,
    *,
    long: Backtest,
    short: Backtest,
    known_at_N: np.ndarray,
    known_at_S: np.ndarray,
    rng: np.random.Generator,
    earlier_sharpes: Sequence[float] = (),
    trials: int = 1,
) -> CostResult:
    """The rule's earnings and costs, beside the better of two constant positions.

    Args:
        done: the backtest.
        long: of being long all the time, at the same costs.
        short: of being short all the time.
        known_at_N: times of the rows that were traded, for the length of a year in days.
        known_at_S: time at which each trading day ended.
        rng: draws the days for the intervals.
        earlier_sharpes: ratios per day of the other trials on this data, from the ledger.
        trials: all trials on this data, this one included, and those that left no ratio (stopped, never traded).
    """
    net_S = done.net_S
    constant, constant_S = max((("long", long.net_S), ("short", short.net_S)), key=lambda each: float(each[1].sum()))
    net, above = _intervals(np.stack([net_S, net_S - constant_S], axis=1), rng)
    yearly = math.sqrt(days_a_year(known_at_N, days=len(net_S)))
    ratio, probabilistic, deflated = math.nan, math.nan, math.nan
    if len(net_S) >= MIN_DAYS_FOR_SHARPE:
        ratio = sharpe(net_S)
        probabilistic, deflated = deflated_sharpe(net_S, [*earlier_sharpes, ratio], trials=trials)
    return CostResult(
        rule=done.rule.sentence(),
        break_even_bp=done.break_even_bp,
        cost_bp=done.cost_bp,
        gross=float(done.gross_S.sum()),
        gross_long=float(done.gross_long_S.sum()),
        gross_short=float((done.gross_S - done.gross_long_S).sum()),
        net=net.value,
        net_interval=net,
        net_percent=100.0 * net.value / done.notional,
        notional=done.notional,
        constant="long" if constant == "long" else "short",
        constant_net=float(constant_S.sum()),
        above_constant=above,
        share_long=done.share_long,
        share_short=done.share_short,
        turnover_per_day=float(done.contracts_S.mean()),
        days=len(net_S),
        drawdown=done.drawdown,
        sharpe=ratio * yearly,
        probabilistic_sharpe=probabilistic,
        deflated_sharpe=deflated,
        rolling_sharpe=_rolling(yearly * rolling_sharpe(net_S)),
        by_month=month_results(known_at_S, net_S),
    )


def _rolling(ratio_S: np.ndarray) -> RollingSharpe | None:
    known_K = ratio_S[np.isfinite(ratio_S)]
    if not len(known_K):
        return None
    return RollingSharpe(
        days=ROLLING_DAYS, lowest=float(known_K.min()), highest=float(known_K.max()), latest=float(known_K[-1])
    )


def _intervals(result_SC: np.ndarray, rng: np.random.Generator) -> list[Interval]:
    """Sums of each column with their intervals, the same days drawn for all; no bounds for too few days."""
    days = len(result_SC)
    totals = [float(result_S.sum()) for result_S in result_SC.T]
    if days < MIN_GROUPS:
        return [no_interval(total) for total in totals]
    mean_block = block_length(result_SC[:, 0])
    drawn_BC = resampled_sums(result_SC, replications=REPLICATIONS, mean_block=mean_block, rng=rng)
    return [
        percentile_interval(total, drawn_B, independent=days / mean_block)
        for total, drawn_B in zip(totals, drawn_BC.T, strict=True)
    ]
