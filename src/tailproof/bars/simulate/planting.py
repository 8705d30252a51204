"""How strong a tilt plants a given rank IC: closed form in the share of zero returns, which is an integral.

The size of a minute's move, ``m`` ticks, comes from volatility alone. Its sign is +1 with probability
``(1 + tilt·d)/2``, where the driver ``d`` is -1 or +1 and known before; so ``d`` says something about the sign of the
next return and nothing about its size. Let R be the population's distribution function of returns (mid-ranks at ties)
and p the share of zero returns. Flipping every sign leaves the law of the bars as it is, hence returns and
driver are symmetric, E[R - 1/2 | d, m] = tilt·d·(R(m) - 1/2), and E[R(m) - 1/2] = (1 - p²)/4 whatever the
distribution of sizes. With Var R = (1 - p³)/12 and a driver of grades 1/4 and 3/4:

    rank IC = tilt · (√3/2) · (1 - p²) / √(1 - p³)

Volatility clustering, fat tails and serial dependence of the signs cancel; nothing of them is approximated. What is
neglected is below 1e-4 of the IC: equal non-zero returns are ties too (they need the same move from the same price),
and a relative return is a move over a price level that earlier signs have shifted by a few parts in ten thousand.

With ``bounce`` > 0 every close carries independent noise of -1, 0 or +1 tick. It is independent of the driver, which
skips the last bar; R is then the distribution function of moves plus noise, taken on the lattice of ticks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from tailproof.bars.simulate.log_volatility import (
    BASE,
    FAST_CORRELATION,
    FAST_STD,
    MEDIUM_CORRELATION,
    MEDIUM_STD,
    MINUTES,
    SLOW_STD,
    TOTAL_STD,
    chance_below,
    intraday_shape,
)
from tailproof.core.errors import ConfigError

MAX_IC = 0.2
MAX_MOVE = 320  # ticks in one minute, the price limit


@dataclass(frozen=True, kw_only=True)
class Planting:
    """The planted signal, as population figures over pairs of neighbouring minutes of a session.

    ``rank_ic`` is the Spearman correlation of the driver at t with the return from close t to close t+1.
    ``reversal_rank_ic`` is that of the last return reversed, -(close t / close t-1 - 1), due to ``bounce``; it leaves
    out the trace of the planted driver, which is of the order of rank_ic².
    """

    rank_ic: float
    bounce: float
    tilt: float
    zero_share: float
    reversal_rank_ic: float


@lru_cache(maxsize=32)
def plant(ic: float, *, bounce: float = 0.0) -> Planting:
    """The tilt of signs that gives the driver population rank IC ``ic``, from 0 to 0.2.

    >>> planting = plant(0.03)
    >>> 0.03 < planting.tilt < 0.04 and 0.15 < planting.zero_share < 0.40
    True
    >>> plant(0.0).tilt
    0.0
    """
    if not 0 <= ic <= MAX_IC:
        raise ConfigError(f"ic must lie in [0, {MAX_IC}], got ic={ic}. Real bars rarely give more than 0.03.")
    if not 0 <= bounce <= 1:
        raise ConfigError(f"bounce is the share of closes off by a tick, in [0, 1], got bounce={bounce}.")
    if bounce == 0:
        zero_share, per_tilt, reversal = _zero_share(), _mean_grade(_zero_share()), 0.0
    else:
        zero_share, per_tilt, reversal = _with_bounce(bounce)
    tilt = ic * _grade_std(zero_share) / per_tilt
    return Planting(rank_ic=ic, bounce=bounce, tilt=tilt, zero_share=zero_share, reversal_rank_ic=reversal)


def _mean_grade(zero_share: float) -> float:
    return (1 - zero_share**2) / 4


def _grade_std(zero_share: float) -> float:
    return float(np.sqrt((1 - zero_share**3) / 12))


def _normal_nodes(count: int) -> tuple[np.ndarray, np.ndarray]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return nodes, weights / weights.sum()


@lru_cache(maxsize=1)
def _zero_share() -> float:
    nodes, weights = _normal_nodes(64)
    # Minute 0 opens the session: no in-session return ends there.
    volatility = np.exp(BASE + intraday_shape()[1:, None] + TOTAL_STD * nodes)
    return float((chance_below(0.5, volatility) @ weights).mean())


def _size_shares(volatility: np.ndarray) -> np.ndarray:
    """P(move of m ticks | σ) for m = 0..320, the last holding all beyond: shape (len(volatility), 321)."""
    edges = np.arange(MAX_MOVE) + 0.5
    below = chance_below(edges, volatility[:, None])
    return np.diff(below, axis=1, prepend=0.0, append=1.0)


def _with_bounce(bounce: float) -> tuple[float, float, float]:
    """Share of zero returns, mean grade of a sign known to be +1, and rank IC of the last return reversed."""
    noise = np.array([bounce / 2, 1 - bounce, bounce / 2])
    log_grid = np.linspace(-6.0, 8.0, 1401)
    shares_GM = _size_shares(np.exp(log_grid))
    shares = _mean_over_volatility(shares_GM, log_grid)
    signed = np.concatenate([shares[:0:-1] / 2, shares[:1], shares[1:] / 2])
    returns = np.convolve(signed, np.convolve(noise, noise))
    grades = np.cumsum(returns) - returns / 2 - 0.5
    zero_share = float(returns[len(returns) // 2])
    # grades of move + noise, for moves of -320..320: noise of both closes, or of this close alone after one at +1
    after_both = np.correlate(grades, np.convolve(noise, noise), mode="valid")
    after_ask = np.correlate(grades, noise, mode="valid")[2:]
    mean_grade = float(shares @ after_both[MAX_MOVE:])
    pull_G = shares_GM @ (after_ask[MAX_MOVE:] + after_ask[MAX_MOVE::-1]) / 2
    reversal = bounce * _mean_of_neighbours(pull_G, log_grid) / _grade_std(zero_share) ** 2
    return zero_share, mean_grade, reversal


def _mean_over_volatility(values_GM: np.ndarray, log_grid: np.ndarray) -> np.ndarray:
    """Population mean of a function of log σ given on a fine grid, over in-session minutes."""
    step = log_grid[1] - log_grid[0]
    centres = BASE + intraday_shape()[1:, None]
    density = np.exp(-0.5 * ((log_grid - centres) / TOTAL_STD) ** 2).mean(axis=0)
    mean: np.ndarray = density @ values_GM * (step / (TOTAL_STD * np.sqrt(2 * np.pi)))
    return mean


def _mean_of_neighbours(values_G: np.ndarray, log_grid: np.ndarray) -> float:
    """Population mean of f(log σ of minute m)·f(log σ of minute m+1)."""
    covariance = SLOW_STD**2 + MEDIUM_STD**2 * MEDIUM_CORRELATION + FAST_STD**2 * FAST_CORRELATION
    correlation = covariance / TOTAL_STD**2
    nodes, weights = _normal_nodes(24)
    now = nodes[:, None]
    following = correlation * nodes[:, None] + np.sqrt(1 - correlation**2) * nodes[None, :]
    total = 0.0
    for here, there in pairwise(BASE + intraday_shape()[1:]):
        values_now = np.interp(here + TOTAL_STD * now, log_grid, values_G)
        values_next = np.interp(there + TOTAL_STD * following, log_grid, values_G)
        total += float(weights @ (values_now * values_next) @ weights)
    return total / (MINUTES - 2)
