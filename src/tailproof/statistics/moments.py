"""Standardised moments of a sample, without correction for its size.

``scipy.stats`` has them too, and takes a second to import.
"""

from __future__ import annotations

import numpy as np

from tailproof.core.target_tails import Tails


def skewness(value_N: np.ndarray) -> float:
    """Third central moment over the cubed standard deviation (Joanes and Gill 1998, g1); NaN for a constant.

    >>> skewness(np.array([0.0, 0.0, 3.0]))
    0.7071067811865475
    """
    deviation_N = value_N - value_N.mean()
    variance = float((deviation_N**2).mean())
    return float((deviation_N**3).mean()) / variance**1.5 if variance > 0.0 else float("nan")


def excess_kurtosis(value_N: np.ndarray) -> float:
    """Fourth central moment over the squared variance, less the 3 of a normal distribution; NaN for a constant.

    Joanes and Gill (1998), g2.

    >>> excess_kurtosis(np.array([0.0, 1.0]))
    -2.0
    """
    square_N = (value_N - value_N.mean()) ** 2
    variance = float(square_N.mean())
    return float((square_N**2).mean()) / variance**2 - 3.0 if variance > 0.0 else float("nan")


def tails(value_N: np.ndarray) -> Tails:
    """The range of a sample and its excess kurtosis.

    >>> tails(np.array([0.0, 1.0]))
    Tails(lowest=0.0, highest=1.0, excess_kurtosis=-2.0)
    """
    return Tails(lowest=float(value_N.min()), highest=float(value_N.max()), excess_kurtosis=excess_kurtosis(value_N))
