"""From a backtest to the figures of a verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tailproof.core.verdict import CostResult
from tailproof.evaluation.paying.backtest import Backtest
from tailproof.evaluation.paying.sharpe import deflated_sharpe, sharpe

YEAR = 365.25 * 86_400e9
"""Nanoseconds."""


def cost_result(
    done: Backtest, *, known_at_N: np.ndarray, earlier_sharpes: Sequence[float] = (), trials: int = 1
) -> CostResult:
    """What the rule earned and cost, with its Sharpe ratio per year of this many periods.

    Args:
        done: the backtest.
        known_at_N: times of the rows that were traded, for the length of a year in periods.
        earlier_sharpes: ratios per period of the other trials on this data, from the ledger.
        trials: all trials on this data, this one included, and those that left no ratio (stopped, never traded).
    """
    net_S = done.net_S
    years = max(float(known_at_N[-1] - known_at_N[0]) / YEAR, 1e-9)
    ratio = sharpe(net_S)
    probabilistic, deflated = deflated_sharpe(net_S, [*earlier_sharpes, ratio], trials=trials)
    return CostResult(
        rule=done.rule.sentence(),
        break_even_bp=done.break_even_bp,
        cost_bp=done.cost_bp,
        gross=float(done.gross_S.sum()),
        net=float(net_S.sum()),
        turnover_per_session=float(done.contracts_S.mean()),
        sessions=len(net_S),
        drawdown=done.drawdown,
        sharpe=ratio * math.sqrt(len(net_S) / years),
        probabilistic_sharpe=probabilistic,
        deflated_sharpe=deflated,
    )
