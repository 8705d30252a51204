"""Worlds in which the mean of the next return is exactly zero, but its median is not.

Volatility clusters and can be known; shocks are skewed (gamma(20) - 20 for minutes, -(gamma(2) - 2) for days; jumps,
chi-square and a skewness that turns round, for days as well). The
median of the next return then moves with volatility and its mean does not: a network that forecasts ranks finds a
rank IC that is real, that placebos and the last return lack, that survives a bar's delay, and that earns nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import polars as pl
from tests.worlds.known_skill import protocol_verdict

from tailproof.bars.simulate import simulate
from tailproof.core.verdict import Verdict
from tailproof.settings.train_settings import TrainSettings

MINUTES, DAYS = 36_000, 6_000
SETTINGS = {
    "minutes": TrainSettings(
        split="holdout", train_fraction=0.4, epochs=2, members=2, threads=1, warmup_steps=100, learning_rate=1e-3
    ),
    "days": TrainSettings(
        split="holdout", train_fraction=0.4, epochs=10, members=2, threads=1, warmup_steps=100, learning_rate=1e-3
    ),
}
"""One split in time and little training, so that hundreds of worlds can be judged."""


def skewed_minutes(seed: int) -> pl.DataFrame:
    """Minute bars with shocks gamma(20) - 20, in the sessions of the simulator."""
    rng = np.random.default_rng(seed)
    shock_N = (rng.gamma(20.0, size=MINUTES) - 20.0) / np.sqrt(20.0)
    return _bars(simulate(rows=MINUTES, ic=0.0, seed=seed)["time"], 2e-4 * _volatility(rng, MINUTES), shock_N, rng)


def _days_with(shocks: Callable[[np.random.Generator, np.ndarray], np.ndarray], seed: int) -> pl.DataFrame:
    """Daily bars with shocks drawn beside a volatility that is known; the mean of each is zero."""
    rng = np.random.default_rng(seed)
    volatility_N = _volatility(rng, DAYS)
    day_N = np.busday_offset(np.datetime64("2000-01-03"), np.arange(DAYS))
    time = pl.Series("time", day_N.astype("datetime64[us]")).dt.replace_time_zone("UTC")
    return _bars(time, 0.01 * volatility_N, shocks(rng, volatility_N), rng)


def skewed_days(seed: int) -> pl.DataFrame:
    """Daily bars with shocks -(gamma(2) - 2): small gains and large losses."""
    rng = np.random.default_rng(seed)
    shock_N = (2.0 - rng.gamma(2.0, size=DAYS)) / np.sqrt(2.0)
    day_N = np.busday_offset(np.datetime64("2000-01-03"), np.arange(DAYS))
    time = pl.Series("time", day_N.astype("datetime64[us]")).dt.replace_time_zone("UTC")
    return _bars(time, 0.01 * _volatility(rng, DAYS), shock_N, rng)


def jumps(rng: np.random.Generator, volatility_N: np.ndarray) -> np.ndarray:
    """Falls of five spreads that come more often when volatility is high, paid for by a drift."""
    chance_N = np.minimum(0.02 * volatility_N, 0.2)
    fell_N = rng.random(len(volatility_N)) < chance_N
    return rng.standard_normal(len(volatility_N)) + 5.0 * (chance_N - fell_N)


def chi_square(rng: np.random.Generator, volatility_N: np.ndarray) -> np.ndarray:
    """(chi-square with one degree of freedom - 1) / sqrt(2): large gains, and a median far below zero."""
    return (rng.chisquare(1.0, len(volatility_N)) - 1.0) / np.sqrt(2.0)


def regimes(rng: np.random.Generator, volatility_N: np.ndarray) -> np.ndarray:
    """Gamma shocks whose skewness turns round about once in a hundred days: the median turns with it."""
    turned_N = np.cumsum(rng.random(len(volatility_N)) < 0.01) % 2
    return np.where(turned_N, 1.0, -1.0) * (rng.gamma(2.0, size=len(volatility_N)) - 2.0) / np.sqrt(2.0)


WORLDS: dict[str, Callable[[int], pl.DataFrame]] = {
    "minutes": skewed_minutes,
    "days": skewed_days,
    "jumps": partial(_days_with, jumps),
    "chi-square": partial(_days_with, chi_square),
    "regimes": partial(_days_with, regimes),
}


def verdict_of_skewed(kind: str, seed: int) -> Verdict:
    """The verdict of the whole protocol on one such world."""
    return protocol_verdict(WORLDS[kind](seed), SETTINGS["minutes" if kind == "minutes" else "days"])


def _volatility(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Log volatility of a slow and a fast part, each an autoregression with standard deviation 0.5."""
    log_N = np.zeros(rows)
    for memory in (0.999, 0.97):
        noise_N = 0.5 * np.sqrt(1.0 - memory**2) * rng.standard_normal(rows)
        level = 0.5 * rng.standard_normal()
        for row in range(rows):
            level = memory * level + noise_N[row]
            log_N[row] += level
    return np.exp(log_N)


def _bars(time: pl.Series, volatility_N: np.ndarray, shock_N: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    close_N = 3_000.0 * np.cumprod(1.0 + np.clip(volatility_N * shock_N, -0.5, None))
    open_N = np.r_[3_000.0, close_N[:-1]]
    reach_2N = np.exp(0.3 * volatility_N * np.abs(rng.standard_normal((2, len(close_N)))))
    return pl.DataFrame(
        {
            "time": time,
            "open": open_N,
            "high": np.maximum(open_N, close_N) * reach_2N[0],
            "low": np.minimum(open_N, close_N) / reach_2N[1],
            "close": close_N,
            "volume": np.ceil(1e3 * np.exp(rng.standard_normal(len(close_N)) * 0.5)),
        }
    )
