"""Would the forecasts have paid, and how often was something like this tried before."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tailproof.arrays.times import as_datetimes
from tailproof.core.randomness import generator
from tailproof.core.records import Bars, Forecast
from tailproof.core.stretches import holding_stretches, trading_days
from tailproof.core.verdict import CostResult, Trials
from tailproof.evaluation.horizons import returns_ahead
from tailproof.evaluation.paying import (
    Backtest,
    TradingRule,
    backtest,
    cost_result,
    fill_prices,
    probability_of_overfitting,
)
from tailproof.evaluation.paying.calendar import days_a_year, fall_from_peak
from tailproof.evaluation.paying.sharpe import rolling_sharpe, sharpe
from tailproof.settings.cost_settings import CostSettings
from tailproof.statistics.groups import Groups
from tailproof.storage.data_sample import DataSample
from tailproof.storage.ledger import Ledger, Trial, fingerprint, shared_results


@dataclass(frozen=True, kw_only=True)
class CostEvaluation:
    """The backtest of a run beside the earlier trials on the same data."""

    costs: CostResult
    trials: Trials
    trial: Trial
    """The trial for the ledger, once the verdict is known."""
    returns_ahead: Mapping[int, np.ndarray]
    """Return of each row over so many bars (``evaluation/horizons.py``)."""
    known_at_S: np.ndarray
    """int64 nanoseconds UTC at which each period ended."""
    rolling_sharpe_S: np.ndarray
    """Annualised, of the half year up to each period; NaN before."""
    gross_S: np.ndarray
    net_S: np.ndarray
    long_net_S: np.ndarray
    """Net result of a rule that is always long and pays the same costs."""

    def equity(self) -> dict[str, Any]:
        """The running result by period, for the report."""
        by_name = {"gross": self.gross_S, "net": self.net_S, "long_net": self.long_net_S}
        running = {name: np.cumsum(result_S).tolist() for name, result_S in by_name.items()}
        return {
            "known_at": self.known_at_S.tolist(),
            **running,
            "drawdown": fall_from_peak(self.net_S).tolist(),
            "rolling_sharpe": [_finite(ratio) for ratio in self.rolling_sharpe_S.tolist()],
            "unit": "money",
        }


def evaluate_costs(
    bars: Bars,
    forecast: Forecast,
    *,
    signal: Callable[[Forecast], np.ndarray],
    costs: CostSettings,
    trial: Trial,
    known: Ledger,
    seed: int,
) -> CostEvaluation:
    """Trade the test forecasts by the stated rule, and count the trials of the ledger.

    The position is the sign of the predicted return, decided at the close of a row's bar and filled at the next bar's
    open (or ``bars_late`` bars later). Minute and hour bars are flat at the end of a session; daily bars are held, but
    not from one contract to the next.

    Args:
        bars: for the prices of fills.
        forecast: the test rows' forecasts.
        signal: the trading rule of the task.
        costs: costs, band and delay of fills.
        trial: this run, as ``trial_of`` began it.
        known: the earlier trials of the project folder.
        seed: of the intervals.
    """
    done, long, short, period_N = _traded(bars, forecast, signal(forecast), costs)
    days = Groups.of(period_N)
    known_at_S = forecast.known_at_N[days.starts + days.sizes - 1]
    periods = tuple(str(end) for end in as_datetimes(known_at_S).astype("datetime64[D]"))
    trial = replace(
        trial,
        period_sharpe=_finite(sharpe(done.net_S)),
        periods=periods,
        net=tuple((done.net_S / costs.multiplier).tolist()),
    )
    others = known.beside(trial, *_times_and_closes(bars))
    earlier = [other.period_sharpe for other in others if other.period_sharpe is not None]
    result_ST, left_out = shared_results(trial, others)
    count = 1 + len(others) + len(known.unreadable)
    return CostEvaluation(
        costs=cost_result(
            done,
            long=long,
            short=short,
            known_at_N=forecast.known_at_N,
            known_at_S=known_at_S,
            rng=generator(seed, "costs"),
            earlier_sharpes=earlier,
            trials=count,
        ),
        trials=Trials(
            count=count,
            probability_of_overfitting=probability_of_overfitting(result_ST) if others else None,
            left_out=left_out,
        ),
        trial=trial,
        returns_ahead=returns_ahead(bars.frame["close"].to_numpy(), bars.frame["segment"].to_numpy(), forecast.bar_N),
        known_at_S=known_at_S,
        rolling_sharpe_S=rolling_sharpe(done.net_S) * math.sqrt(days_a_year(forecast.known_at_N, days=len(days))),
        gross_S=done.gross_S,
        net_S=done.net_S,
        long_net_S=long.net_S,
    )


def trial_of(bars: Bars, config: Mapping[str, Any]) -> Trial:
    """The trial of a run before it has any result.

    The data are the bars, whatever rows the features and the horizon leave of them: trying other features on the same
    bars is one more trial on the same data. ``config`` holds every setting that decides a result; the values of other
    series are part of it, those of the VIX apart, which never were.
    """
    time_N, close_N = _times_and_closes(bars)
    series = {name: one.fingerprint.get("rows", "") for name, one in bars.series.items() if name != "vix"}
    config = {**config, "series": series} if series else config
    return Trial(config=config, data=fingerprint(time_N, close_N), sample=DataSample.of(time_N, close_N), result={})


def _times_and_closes(bars: Bars) -> tuple[np.ndarray, np.ndarray]:
    return bars.frame["known_at"].to_physical().to_numpy(), bars.frame["close"].to_numpy()


def _traded(
    bars: Bars, forecast: Forecast, signal_N: np.ndarray, costs: CostSettings
) -> tuple[Backtest, Backtest, Backtest, np.ndarray]:
    """The backtest, those of being always long and always short, and the trading day of each row."""
    open_B, close_B = (bars.frame[name].to_numpy() for name in ("open", "close"))
    fill_N = fill_prices(open_B, close_B, holding_stretches(bars), forecast.bar_N, bars_late=costs.bars_late)
    late = f", {costs.bars_late} bars late" if costs.bars_late else ""
    rule = TradingRule(
        band=costs.band,
        half_spread=costs.half_spread,
        fee=costs.fee,
        unit=costs.cost_unit,
        tick=costs.tick,
        multiplier=costs.multiplier,
        fill=f"at the next bar's open{late}",
        daily=bars.daily,
    )
    period_N = trading_days(forecast.known_at_N, forecast.session_N, daily=bars.daily)
    always_N = np.full(len(fill_N), np.inf)
    traded, long, short = (
        backtest(traded_N, fill_N, forecast.stretch_N, rule=rule, period_N=period_N)
        for traded_N in (signal_N, always_N, -always_N)
    )
    return traded, long, short, period_N


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
