"""Probabilities and quantiles of the normal and of Student's distribution, by ``scipy.special``.

It is imported when the first of them is asked for: it takes a quarter of a second, and those who only read bars or
render a report ask for none.
"""

from __future__ import annotations

from typing import overload

import numpy as np


@overload
def normal_cdf(value: float) -> float: ...
@overload
def normal_cdf(value: np.ndarray) -> np.ndarray: ...
def normal_cdf(value: float | np.ndarray) -> float | np.ndarray:
    """Probability of a standard normal number below ``value``.

    >>> round(normal_cdf(1.959964), 6)
    0.975
    """
    from scipy.special import ndtr

    return np.asarray(ndtr(value)) if isinstance(value, np.ndarray) else float(ndtr(value))


@overload
def normal_quantile(probability: float) -> float: ...
@overload
def normal_quantile(probability: np.ndarray) -> np.ndarray: ...
def normal_quantile(probability: float | np.ndarray) -> float | np.ndarray:
    """The value that a standard normal number lies below with ``probability``.

    >>> round(normal_quantile(0.975), 6)
    1.959964
    """
    from scipy.special import ndtri

    return np.asarray(ndtri(probability)) if isinstance(probability, np.ndarray) else float(ndtri(probability))


def student_cdf(value: float, *, freedom: float) -> float:
    """Probability of a number of Student's distribution with ``freedom`` degrees of freedom below ``value``.

    >>> round(student_cdf(2.228139, freedom=10), 6)
    0.975
    """
    from scipy.special import stdtr

    return float(stdtr(freedom, value))


def student_quantile(probability: float, *, freedom: float) -> float:
    """The value that such a number lies below with ``probability``.

    >>> round(student_quantile(0.975, freedom=10), 6)
    2.228139
    """
    from scipy.special import stdtrit

    return float(stdtrit(freedom, probability))
