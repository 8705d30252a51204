"""The volatility of simulated bars: Gaussian in its logarithm, so that every population figure is an integral.

    log σ(session i, minute m) = BASE + shape(m) + slow(i) + medium(i, m) + fast(i, m)

in ticks per minute. ``shape`` is the fixed course of the day; the other three are independent stationary AR(1)
processes with the standard deviations and correlations below: ``slow`` moves once a session, ``medium`` and ``fast``
start anew in every session. A minute's move is rint(σ·|ε|) ticks, ε normal, six times as large in a few news minutes.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter  # type: ignore[import-untyped, unused-ignore]
from scipy.special import erf  # type: ignore[import-untyped, unused-ignore]

MINUTES = 1380
BASE = np.log(1.28)

SLOW_STD, SLOW_CORRELATION = 0.35, 0.97
MEDIUM_STD, MEDIUM_CORRELATION = 0.42, 0.5 ** (1 / 120)
FAST_STD, FAST_CORRELATION = 0.35, 0.5 ** (1 / 5)
TOTAL_STD = float(np.sqrt(SLOW_STD**2 + MEDIUM_STD**2 + FAST_STD**2))

NEWS_SHARE, NEWS_SCALE = 1.5e-3, 6.0

# (minute after 18:00 New York, log level): reopening, Asian night, Europe 3:00, New York 9:30 to 16:00, dusk.
_KNOTS = (
    (0, 0.70),
    (20, 0.35),
    (180, 0.10),
    (380, -0.10),
    (535, 0.00),
    (540, 0.45),
    (660, 0.20),
    (780, 0.22),
    (870, 0.45),
    (929, 0.50),
    (930, 1.35),
    (975, 1.05),
    (1110, 0.65),
    (1200, 0.80),
    (1290, 0.95),
    (1319, 1.35),
    (1320, 1.05),
    (1335, 0.55),
    (1345, 0.20),
    (1379, 0.05),
)


def intraday_shape() -> np.ndarray:
    """Log level of volatility by minute after 18:00 New York, shape (1380,).

    >>> shape = intraday_shape()
    >>> bool(shape[930] > 1 > shape[400])
    True
    """
    minutes, levels = zip(*_KNOTS, strict=True)
    shape_M: np.ndarray = np.interp(np.arange(MINUTES), minutes, levels)
    return shape_M


def autoregression(noise_MS: np.ndarray, *, std: float, correlation: float) -> np.ndarray:
    """Stationary Gaussian AR(1) down the columns from standard normal noise; the first row is stationary already."""
    steps = noise_MS * (std * np.sqrt(1 - correlation**2))
    steps[0] = noise_MS[0] * std
    filtered: np.ndarray = lfilter([1.0], [1.0, -correlation], steps, axis=0)
    return filtered


def chance_below(ticks: float | np.ndarray, volatility: np.ndarray) -> np.ndarray:
    """P(σ·|ε| < ticks), the news minutes included; a move is 0 ticks with ``chance_below(0.5, σ)``."""
    standard = ticks / (volatility * np.sqrt(2))
    below: np.ndarray = (1 - NEWS_SHARE) * erf(standard) + NEWS_SHARE * erf(standard / NEWS_SCALE)
    return below
