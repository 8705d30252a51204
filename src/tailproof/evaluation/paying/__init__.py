"""Would it pay: a stated trading rule, its costs, and how much of its result is luck or search."""

from tailproof.evaluation.paying.backtest import Backtest, TradingRule, backtest
from tailproof.evaluation.paying.cost_result import cost_result
from tailproof.evaluation.paying.fills import fill_prices
from tailproof.evaluation.paying.overfitting import probability_of_overfitting

__all__ = [
    "Backtest",
    "TradingRule",
    "backtest",
    "cost_result",
    "fill_prices",
    "probability_of_overfitting",
]
