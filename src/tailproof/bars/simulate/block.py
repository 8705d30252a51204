"""One block of simulated sessions, all of them at once: a minute is a row, a session is a column of every array.

Sizes of moves are drawn first, for the whole block; then one pass through the minutes of the day gives them signs,
since a sign depends on the closes before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tailproof.bars.simulate.driver import REACH, SKIPPED
from tailproof.bars.simulate.log_volatility import (
    BASE,
    FAST_CORRELATION,
    FAST_STD,
    MEDIUM_CORRELATION,
    MEDIUM_STD,
    MINUTES,
    NEWS_SCALE,
    NEWS_SHARE,
    SLOW_CORRELATION,
    SLOW_STD,
    autoregression,
    intraday_shape,
)
from tailproof.bars.simulate.planting import MAX_MOVE, Planting

TICK = 0.25
SESSIONS = 64
HOME = 12_000  # ticks: the level to which overnight gaps pull the price
_PULL = 0.01
_GAP_STD = 0.001
_MAX_MOVE = 3_600  # ticks from a session's open: the daily limit
_OPEN_OFF_BY_A_TICK = 0.3
_VIX_HOME, _VIX_BETA, _VIX_MEMORY = 17.0, 5.0, 0.9


@dataclass(frozen=True, kw_only=True)
class Carry:
    """The state passed from session to session: last price in ticks, slow log volatility, VIX above its home (log)."""

    price: float = float(HOME)
    slow: float | None = None
    vix: float = 0.0


@dataclass(frozen=True, kw_only=True)
class SimulatedBlock:
    """Bars of 64 sessions, every array (1380, 64): prices in ticks (int64), volume (int64), VIX in points (float64)."""

    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    volume: np.ndarray
    vix: np.ndarray
    carry: Carry


def simulate_block(random: np.random.Generator, planting: Planting, carry: Carry) -> SimulatedBlock:
    """The next 64 sessions after ``carry``; the draws do not depend on ``planting``, so its signs alone change."""
    slow_S = _slow_volatility(random, carry)
    medium_MS = autoregression(_normal(random), std=MEDIUM_STD, correlation=MEDIUM_CORRELATION)
    fast_MS = autoregression(_normal(random), std=FAST_STD, correlation=FAST_CORRELATION)
    state_MS = medium_MS + fast_MS + slow_S
    shape_M1 = intraday_shape()[:, None]
    volatility_MS = np.exp(BASE + shape_M1 + state_MS)
    size_MS = _sizes(random, volatility_MS)
    noise_MS = _print_noise(random, planting.bounce)
    threshold_MS = 2 * random.random((MINUTES, SESSIONS)) - 1
    clean_MS, size_MS = _moves_within_limit(size_MS, noise_MS, threshold_MS, tilt=planting.tilt)
    gap_S = random.standard_normal(SESSIONS) * _GAP_STD * np.exp(slow_S)
    start_S, vix_start_S, price, vix = _session_starts(clean_MS[-1], gap_S, carry)
    close_MS = start_S + clean_MS + noise_MS
    open_MS = start_S + _opens(random, clean_MS)
    high_MS, low_MS = _extremes(random, open_MS, close_MS, volatility_MS)
    return SimulatedBlock(
        open=open_MS,
        high=high_MS,
        low=low_MS,
        close=close_MS,
        volume=_volume(random, shape_M1 * 3.8 + state_MS, size_MS),
        vix=_vix(np.log1p(clean_MS / start_S), vix_start_S, slow_S, carry, medium_MS),
        carry=Carry(price=price, slow=float(slow_S[-1]), vix=vix),
    )


def _normal(random: np.random.Generator) -> np.ndarray:
    return random.standard_normal((MINUTES, SESSIONS))


def _slow_volatility(random: np.random.Generator, carry: Carry) -> np.ndarray:
    noise_S = random.standard_normal(SESSIONS)
    if carry.slow is None:
        return autoregression(noise_S, std=SLOW_STD, correlation=SLOW_CORRELATION)
    state = np.concatenate([[carry.slow / SLOW_STD], noise_S])
    return autoregression(state, std=SLOW_STD, correlation=SLOW_CORRELATION)[1:]


def _sizes(random: np.random.Generator, volatility_MS: np.ndarray) -> np.ndarray:
    shock_MS = np.abs(_normal(random))
    shock_MS[random.random(shock_MS.shape) < NEWS_SHARE] *= NEWS_SCALE
    size_MS: np.ndarray = np.rint(np.minimum(volatility_MS * shock_MS, MAX_MOVE)).astype(np.int64)
    # The first bar's body starts the driver, so it must have a direction.
    size_MS[0] = np.maximum(size_MS[0], 1)
    return size_MS


def _print_noise(random: np.random.Generator, bounce: float) -> np.ndarray:
    chance_MS = random.random((MINUTES, SESSIONS))
    noise_MS = (chance_MS < bounce / 2).astype(np.int64) - (chance_MS > 1 - bounce / 2)
    noise_MS[0] = 0
    return noise_MS


def _moves_within_limit(
    size_MS: np.ndarray, noise_MS: np.ndarray, threshold_MS: np.ndarray, *, tilt: float
) -> tuple[np.ndarray, np.ndarray]:
    """Clean closes relative to the session's open, and the sizes used: halved in a session that runs off the limit."""
    while True:
        clean_MS = _signed_path(size_MS, noise_MS, threshold_MS, tilt=tilt)
        too_far_S = np.abs(clean_MS).max(axis=0) > _MAX_MOVE
        if not too_far_S.any():
            return clean_MS, size_MS
        size_MS = np.where(too_far_S, np.maximum(size_MS // 2, np.arange(MINUTES)[:, None] == 0), size_MS)


def _signed_path(size_MS: np.ndarray, noise_MS: np.ndarray, threshold_MS: np.ndarray, *, tilt: float) -> np.ndarray:
    """A move is up where its threshold, uniform in (-1, 1), lies below tilt·driver: P(up) = (1 + tilt·driver)/2."""
    clean_MS = np.empty_like(size_MS)
    seen_MS = np.empty_like(size_MS)
    up_S = threshold_MS[0] < 0
    clean_MS[0] = seen_MS[0] = np.where(up_S, size_MS[0], -size_MS[0])
    tilt_S = np.where(up_S, -tilt, tilt)
    for minute in range(1, MINUTES):
        known = minute - 1
        if known >= REACH:
            move_S = seen_MS[known - SKIPPED] - seen_MS[known - REACH]
            tilt_S = np.where(move_S == 0, tilt_S, np.where(move_S > 0, -tilt, tilt))
        size_S = size_MS[minute]
        clean_MS[minute] = clean_MS[known] + np.where(threshold_MS[minute] < tilt_S, size_S, -size_S)
        seen_MS[minute] = clean_MS[minute] + noise_MS[minute]
    return clean_MS


def _session_starts(last_S: np.ndarray, gap_S: np.ndarray, carry: Carry) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Opening ticks and VIX (log, above home) of each session, then both for the session that follows the block.

    Mean reversion lives in the gaps alone, where no in-session return sees it.
    """
    start_S, vix_S = np.empty(SESSIONS, dtype=np.int64), np.empty(SESSIONS)
    price, vix = carry.price, carry.vix
    for session in range(SESSIONS):
        opening = price * np.exp(gap_S[session] - _PULL * np.log(price / HOME))
        start = round(float(np.clip(opening, HOME / 2, HOME * 2)))
        start_S[session], vix_S[session] = start, vix
        price = start + int(last_S[session])
        vix = _VIX_MEMORY * (vix - _VIX_BETA * float(np.log(price / start)))
    return start_S, vix_S, float(price), vix


def _opens(random: np.random.Generator, clean_MS: np.ndarray) -> np.ndarray:
    """The first trade after the last close, often on the other side of the spread; a session's first is its start."""
    chance_MS = random.random(clean_MS.shape)
    side_MS = (chance_MS < _OPEN_OFF_BY_A_TICK / 2).astype(np.int64) - (chance_MS > 1 - _OPEN_OFF_BY_A_TICK / 2)
    open_MS = np.zeros_like(clean_MS)
    open_MS[1:] = clean_MS[:-1] + side_MS[1:]
    return open_MS


def _extremes(
    random: np.random.Generator, open_MS: np.ndarray, close_MS: np.ndarray, volatility_MS: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """High and low of a Brownian bridge from open to close, its volatility less what trades on a lattice never show."""
    change_MS = close_MS - open_MS
    spread_MS = 2 * (0.7 * volatility_MS) ** 2
    reach_2MS = np.sqrt(change_MS**2 + spread_MS * random.standard_exponential((2, *change_MS.shape)))
    beyond_2MS = np.minimum(np.rint((reach_2MS - np.abs(change_MS)) / 2), MAX_MOVE).astype(np.int64)
    high_MS = np.maximum(open_MS, close_MS) + beyond_2MS[0]
    low_MS = np.minimum(open_MS, close_MS) - beyond_2MS[1]
    return high_MS, low_MS


def _volume(random: np.random.Generator, activity_MS: np.ndarray, size_MS: np.ndarray) -> np.ndarray:
    level_MS = np.log(20.0) + activity_MS + 0.25 * np.log1p(size_MS) + 0.5 * _normal(random)
    volume_MS: np.ndarray = np.ceil(np.exp(np.minimum(level_MS, 14.0))).astype(np.int64)
    return volume_MS


def _vix(
    log_move_MS: np.ndarray, start_S: np.ndarray, slow_S: np.ndarray, carry: Carry, medium_MS: np.ndarray
) -> np.ndarray:
    """VIX in points, to the cent: it follows slow and medium volatility and moves against the price."""
    before_S = np.concatenate([[slow_S[0] if carry.slow is None else carry.slow], slow_S[:-1]])
    share_M1 = np.linspace(0.0, 1.0, MINUTES)[:, None]
    trend_MS = before_S + share_M1 * (slow_S - before_S)
    log_level_MS = start_S + 0.75 * trend_MS + 0.04 * medium_MS - _VIX_BETA * log_move_MS
    vix_MS: np.ndarray = np.round(_VIX_HOME * np.exp(log_level_MS), 2)
    return vix_MS
