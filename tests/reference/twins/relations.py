"""Plain twins of the features of joined series: relations of two closes, and published values as they stood."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from tests.reference.twins.columns import before, quotient, windows

Relation = Callable[[np.ndarray, np.ndarray, int], np.ndarray]
"""From the closes of one segment, the other closes there and the bars of the feature to its values."""


def returns(close_N: np.ndarray) -> np.ndarray:
    return close_N / before(close_N, 1) - 1.0


def slopes(mine_N: np.ndarray, other_N: np.ndarray, bars: int) -> np.ndarray:
    """Least squares of the one on the other with an intercept, window by window."""
    mine, other = windows(mine_N, bars), windows(other_N, bars)
    less = other - other.mean(axis=1, keepdims=True)
    return quotient(
        (less * (mine - mine.mean(axis=1, keepdims=True))).mean(axis=1), (less**2).mean(axis=1), least=1e-16
    )


def relative_strength(close_N: np.ndarray, other_N: np.ndarray, bars: int) -> np.ndarray:
    return np.log(close_N / before(close_N, bars)) - np.log(other_N / before(other_N, bars))


def beta(close_N: np.ndarray, other_N: np.ndarray, bars: int) -> np.ndarray:
    return slopes(returns(close_N), returns(other_N), bars)


def correlation(close_N: np.ndarray, other_N: np.ndarray, bars: int) -> np.ndarray:
    values = []
    for mine, other in zip(windows(returns(close_N), bars), windows(returns(other_N), bars), strict=True):
        at_rest = mine.std() * other.std() < 1e-16
        known = not (np.isnan(mine).any() or np.isnan(other).any())
        values.append(np.nan if not known else 0.0 if at_rest else np.corrcoef(mine, other)[0, 1])
    return np.array(values)


def lead(close_N: np.ndarray, other_N: np.ndarray, bars: int) -> np.ndarray:
    moved = other_N / before(other_N, bars) - 1.0
    return beta(close_N, other_N, 60) * moved - (close_N / before(close_N, bars) - 1.0)


def ratio_z(close_N: np.ndarray, other_N: np.ndarray, bars: int) -> np.ndarray:
    level = windows(np.log(close_N / other_N), bars)
    return quotient(level[:, -1] - level.mean(axis=1), level.std(axis=1), least=1e-8).clip(-8.0, 8.0)


def spread_z(close_N: np.ndarray, other_N: np.ndarray, bars: int) -> np.ndarray:
    values = []
    for mine, other in zip(windows(np.log(close_N), bars), windows(np.log(other_N), bars), strict=True):
        if np.isnan(mine).any() or np.isnan(other).any():
            values.append(np.nan)
            continue
        design = np.column_stack([np.ones(bars), other])
        residual = mine - design @ np.linalg.lstsq(design, mine, rcond=None)[0]
        values.append(np.clip(residual[-1] / residual.std(), -8.0, 8.0) if residual.std() >= 1e-8 else 0.0)
    return np.array(values)


RELATIONS: dict[str, Relation] = {
    "relative_strength": relative_strength,
    "beta": beta,
    "correlation": correlation,
    "lead": lead,
    "ratio_z": ratio_z,
    "spread_z": spread_z,
}


def as_known_then(
    period_K: np.ndarray, known_K: np.ndarray, value_K: np.ndarray, moment: int
) -> tuple[float, float, float, float]:
    """Level, change, surprise and hours of age at a moment, from nothing but what had been published by then."""
    stood: dict[int, float] = {}
    for row in np.lexsort((period_K, known_K)):
        if known_K[row] <= moment:
            stood[int(period_K[row])] = float(value_K[row])
    if not stood:
        return np.nan, np.nan, np.nan, np.nan
    newest, *earlier = [stood[period] for period in sorted(stood, reverse=True)]
    change = newest - earlier[0] if earlier else np.nan
    surprise = newest - float(np.mean(earlier[:12])) if len(earlier) >= 3 else np.nan
    return newest, change, surprise, (moment - known_K[known_K <= moment].max()) / 3.6e12
