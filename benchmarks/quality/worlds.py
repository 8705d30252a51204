"""Worlds whose truth is known: correlated fat-tailed features and returns that a driver of them tilts a little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tailproof.core.records import Design

FEATURES = 9
COMMON = 0.3
"""Share of the variance of every feature that all of them have in common."""
FREEDOM = 4.0
"""Degrees of freedom of the features' tails."""
ROWS_A_SESSION = 390
TURN = 0.6
"""Share of the rows after which the turning world's second feature changes its sign."""
MINUTE = 60_000_000_000
SCALE = 1e-3


@dataclass(frozen=True, kw_only=True)
class World:
    """The rows of a world, and the driver that its returns were made with."""

    design: Design
    driver_N: np.ndarray
    """float64, mean 0 and variance 1: what the best forecast says, up to its scale."""


def _line(x_NF: np.ndarray) -> np.ndarray:
    return x_NF @ np.array([1.0, -0.7, 0.5, *[0.0] * (FEATURES - 3)])


def _xor(x_NF: np.ndarray) -> np.ndarray:
    return np.sign(x_NF[:, 0]) * np.sign(x_NF[:, 1])


def _absolute(x_NF: np.ndarray) -> np.ndarray:
    return np.abs(x_NF[:, 0])


def _mixed(x_NF: np.ndarray) -> np.ndarray:
    return _standard(_line(x_NF)) + _standard(_xor(x_NF))


def _turning(x_NF: np.ndarray) -> np.ndarray:
    turned_N = np.where(np.arange(len(x_NF)) < TURN * len(x_NF), 1.0, -1.0)
    return x_NF[:, 0] + turned_N * x_NF[:, 1]


DRIVERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": _line,
    "mixed": _mixed,
    "xor": _xor,
    "abs": _absolute,
    "turning": _turning,
}
"""The driver of each kind of world, from its features."""


def make_world(kind: str, *, rows: int, ic: float, seed: int) -> World:
    """Minutes in sessions of 390 rows, whose returns the driver of the kind tilts.

    The return's normal score is ``ic`` driver + sqrt(1 - ic²) noise, the return a rising function of it with tails like
    those of minutes; its rank IC with the driver is 0.8 to 0.98 times ``ic``. Features share 30 % of their variance
    and have Student's tails with 4 degrees of freedom.

    >>> world = make_world("xor", rows=1000, ic=0.05, seed=0)
    >>> world.design.x_NF.shape, sorted(set(world.driver_N.round(1).tolist()))
    ((1000, 9), [-1.0, 1.0])
    """
    rng = np.random.default_rng([seed, rows])
    own_NF, common_N = rng.standard_normal((rows, FEATURES)), rng.standard_normal(rows)
    z_NF = np.sqrt(1.0 - COMMON) * own_NF + np.sqrt(COMMON) * common_N[:, None]
    x_NF = z_NF * np.sqrt(FREEDOM / rng.chisquare(FREEDOM, (rows, FEATURES)))
    driver_N = _standard(DRIVERS[kind](x_NF))
    score_N = ic * driver_N + np.sqrt(1.0 - ic**2) * rng.standard_normal(rows)
    return World(design=_design(x_NF.astype(np.float32), SCALE * np.sinh(score_N)), driver_N=driver_N)


def _standard(value_N: np.ndarray) -> np.ndarray:
    return np.asarray((value_N - value_N.mean()) / value_N.std())


def _design(x_NF: np.ndarray, return_N: np.ndarray) -> Design:
    session_N, minute_N = np.divmod(np.arange(len(return_N)), ROWS_A_SESSION)
    known_at_N = (session_N * 1440 + minute_N + 1) * MINUTE
    return Design(
        names=tuple(f"feature {number}" for number in range(FEATURES)),
        x_NF=x_NF,
        return_N=return_N,
        last_return_N=np.r_[0.0, return_N[:-1]],
        close_N=np.exp(np.r_[0.0, np.cumsum(return_N)[:-1]]),
        known_at_N=known_at_N,
        label_end_N=known_at_N + MINUTE,
        session_N=session_N.astype(np.int32),
        bar_N=np.arange(len(return_N)),
        stretch_N=session_N,
        open_return_N=return_N,
    )
