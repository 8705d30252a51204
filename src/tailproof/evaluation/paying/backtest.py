"""A stated rule, traded over the test rows, without a loop over rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tailproof.core.errors import ConfigError
from tailproof.statistics.groups import Groups

CostUnit = Literal["ticks", "bp"]


@dataclass(frozen=True, kw_only=True)
class TradingRule:
    """One contract long, flat or short, and what a trade costs.

    Above ``band`` the position is +1, below ``-band`` it is -1, in between it stays what it was: no trade. It is closed
    with the last row of each session, and of each contract.
    """

    band: float = 0.0
    """Width of the band in the unit of the signal, a predicted return: 0.0001 is one basis point."""
    half_spread: float
    """Per side, in ``unit``."""
    fee: float = 0.0
    """Per side, in ``unit``."""
    unit: CostUnit = "ticks"
    tick: float = 0.25
    """Price of one tick; ignored for basis points."""
    multiplier: float = 1.0
    """Money per point of price and contract (50 for ES)."""
    fill: str = "at the next bar's open"
    """The source of the prices of ``fill_prices``, for the reader."""
    daily: bool = False
    """Whether bars are daily, also for the reader: their backtest gets one session, so that positions are held."""

    def __post_init__(self) -> None:
        faults = [
            f"{name} must {need}, got {name}={value}."
            for name, value, need, bad in (
                ("band", self.band, "not be negative", self.band < 0.0),
                ("half-spread", self.half_spread, "not be negative", self.half_spread < 0.0),
                ("fee", self.fee, "not be negative", self.fee < 0.0),
                ("tick", self.tick, "be above 0", self.tick <= 0.0),
                ("multiplier", self.multiplier, "be above 0", self.multiplier <= 0.0),
            )
            if bad
        ]
        if faults:
            raise ConfigError(" ".join(faults))

    @property
    def cost(self) -> float:
        """Half spread and fee per side, in ``unit``."""
        return self.half_spread + self.fee

    def sentence(self) -> str:
        """The rule in words.

        >>> TradingRule(half_spread=0.5, fee=0.1, multiplier=50.0).sentence()
        "one contract long or short by the sign of the forecast, filled at the next bar's open, flat between sessions; \
0.6 ticks of 0.25 a side, 50 a point"
        """
        band = f" beyond ±{self.band:g}" if self.band > 0.0 else ""
        between = "held from day to day" if self.daily else "flat between sessions"
        unit = f"ticks of {self.tick:g}" if self.unit == "ticks" else "bp"
        return (
            f"one contract long or short by the sign of the forecast{band}, filled {self.fill}, {between}; "
            f"{self.cost:g} {unit} a side, {self.multiplier:g} a point"
        )


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """Results of each period (trading day), in money."""

    rule: TradingRule
    gross_S: np.ndarray
    gross_long_S: np.ndarray
    """The part of ``gross_S`` that long positions earned; short ones earned the rest."""
    cost_S: np.ndarray
    contracts_S: np.ndarray
    """Contracts traded, each side counted."""
    traded_value_S: np.ndarray
    """Contracts x fill price x multiplier, in money."""
    share_long: float
    """Share of the rows with a long position."""
    share_short: float
    notional: float
    """Mean value of one contract, in money."""
    drawdown: float
    """Largest fall of the running net result below its highest point so far (or its start), bar by bar, in money."""

    @property
    def net_S(self) -> np.ndarray:
        """Gross less costs."""
        return np.asarray(self.gross_S - self.cost_S)

    @property
    def break_even_bp(self) -> float:
        """Cost per side, in basis points of the traded value, at which the net result would be zero."""
        traded = float(self.traded_value_S.sum())
        return float(self.gross_S.sum()) / traded * 1e4 if traded > 0.0 else float("nan")

    @property
    def cost_bp(self) -> float:
        """Modelled cost per side, in basis points of the traded value."""
        traded = float(self.traded_value_S.sum())
        return float(self.cost_S.sum()) / traded * 1e4 if traded > 0.0 else float("nan")


def backtest(
    signal_N: np.ndarray,
    fill_price_N: np.ndarray,
    stretch_N: np.ndarray,
    *,
    rule: TradingRule,
    period_N: np.ndarray | None = None,
) -> Backtest:
    """Trade a signal.

    The position p_t decided at row t is held from its fill price f_t to f_{t+1}; its change is paid for:
    profit_t = p_t (f_{t+1} - f_t) multiplier, cost_t = |p_t - p_{t-1}| cost multiplier. Every stretch starts and ends
    flat (its last row closes), so that nothing is earned over a gap that could not be held. A signal without skill has
    expected gross 0 and therefore loses exactly the modelled cost on average.

    Args:
        signal_N: predicted return of each row, known with the row.
        fill_price_N: price at which an order of the row is filled, from ``fill_prices``.
        stretch_N: stretch of bars of each row over which a position can be held (``core/stretches.py``).
        rule: position, costs and multiplier.
        period_N: what results are added up by; stretches where it is None.

    >>> rule = TradingRule(half_spread=1.0, unit="ticks", tick=0.5)
    >>> signal, fill = np.array([1.0, 1.0, -1.0, 1.0]), np.array([100.0, 101.0, 103.0, 102.0])
    >>> result = backtest(signal, fill, np.zeros(4), rule=rule)
    >>> result.gross_S.tolist(), result.contracts_S.tolist(), result.cost_S.tolist(), result.net_S.tolist()
    ([4.0], [4.0], [2.0], [2.0])
    """
    last_N = np.r_[stretch_N[1:] != stretch_N[:-1], True]
    first_N = np.r_[True, last_N[:-1]]
    position_N = _positions(signal_N, first_N, band=rule.band)
    position_N[last_N] = 0.0
    before_N = np.where(first_N, 0.0, np.r_[0.0, position_N[:-1]])
    contract_N = np.abs(position_N - before_N)
    move_N = np.where(last_N, 0.0, np.r_[np.diff(fill_price_N), 0.0])
    value_N = np.abs(fill_price_N)  # a future's price may fall below zero; a trade costs something all the same
    price_of_cost = rule.cost * rule.tick if rule.unit == "ticks" else rule.cost * 1e-4 * value_N
    gross_N, cost_N = position_N * move_N, contract_N * price_of_cost
    periods = Groups.of(stretch_N if period_N is None else period_N)
    return Backtest(
        rule=rule,
        gross_S=periods.sums(gross_N) * rule.multiplier,
        gross_long_S=periods.sums(np.where(position_N > 0.0, gross_N, 0.0)) * rule.multiplier,
        cost_S=periods.sums(cost_N) * rule.multiplier,
        contracts_S=periods.sums(contract_N),
        traded_value_S=periods.sums(contract_N * value_N) * rule.multiplier,
        share_long=float((position_N > 0.0).mean()),
        share_short=float((position_N < 0.0).mean()),
        notional=float(value_N.mean()) * rule.multiplier,
        drawdown=_drawdown(gross_N, cost_N) * rule.multiplier,
    )


def _drawdown(gross_N: np.ndarray, cost_N: np.ndarray) -> float:
    """Largest fall of the running result; each change is paid for before its row earns anything."""
    running_N = np.cumsum(np.stack([-cost_N, gross_N], axis=1).ravel())
    peak_N = np.maximum.accumulate(np.maximum(running_N, 0.0))
    return float((peak_N - running_N).max())


def _positions(signal_N: np.ndarray, first_N: np.ndarray, *, band: float) -> np.ndarray:
    """+1 or -1 outside the band; inside it, and at a signal of exactly zero, unchanged; flat at a stretch's start."""
    decided_N = np.abs(signal_N) > band
    row_N = np.arange(len(signal_N))
    latest_N = np.maximum.accumulate(np.where(decided_N | first_N, row_N, 0))
    return np.where(decided_N[latest_N], np.sign(signal_N[latest_N]), 0.0)
