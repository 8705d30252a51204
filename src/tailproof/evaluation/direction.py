"""The hit rate of the sign, beside the hit rate expected without skill."""

from __future__ import annotations

import math

import numpy as np

from tailproof.core.verdict import HitRate, Test
from tailproof.statistics.distributions import normal_cdf


def hit_rate(prediction_N: np.ndarray, return_N: np.ndarray, *, zero_return_target: float | np.ndarray) -> HitRate:
    """Share of moves whose direction was forecast; a prediction above ``zero_return_target`` says up, any other down.

    ``zero_return_target`` is the target of a zero return, one for all rows or one per row.

    >>> result = hit_rate(np.array([0.6, 0.4, 0.7, 0.5]), np.array([0.01, -0.01, -0.02, 0.0]), zero_return_target=0.5)
    >>> round(result.hit_rate, 4), round(result.base_rate, 4), result.rows
    (0.6667, 0.6667, 3)
    """
    moved_N = return_N != 0.0
    rows = int(moved_N.sum())
    if rows == 0:
        return HitRate(hit_rate=float("nan"), base_rate=float("nan"), rows=0)
    up_N = return_N[moved_N] > 0.0
    forecast_up_N = (prediction_N > zero_return_target)[moved_N]
    up = float(up_N.mean())
    return HitRate(hit_rate=float((up_N == forecast_up_N).mean()), base_rate=max(up, 1.0 - up), rows=rows)


def pesaran_timmermann(forecast_up_N: np.ndarray, up_N: np.ndarray) -> Test:
    """Are directions forecast better than by a forecaster who says up as often, but at random?

    S = (P - P*) / sqrt(V(P) - V(P*)) with the hit rate P and P* = p q + (1 - p)(1 - q), where p is the share of ups
    and q the share of forecasts of up (Pesaran and Timmermann 1992, equation 6); asymptotically standard normal, and
    the p-value is of the upper tail. NaN where one side never varies.

    Notes:
        The test takes rows for independent. S² (n - 1) / n is Pearson's chi-square of the two by two table, which the
        tests use as a check. For the interval that allows for dependence see ``hit_rate_excess`` of a verdict.

    >>> up = np.array([True] * 60 + [False] * 40)
    >>> forecast_up = np.array([True] * 40 + [False] * 20 + [True] * 15 + [False] * 25)
    >>> test = pesaran_timmermann(forecast_up, up)
    >>> round(test.statistic, 4), round(test.p_value, 4)
    (2.8866, 0.0019)
    """
    rows = len(up_N)
    if rows == 0:
        return Test(statistic=math.nan, p_value=math.nan)
    p, q = float(up_N.mean()), float(forecast_up_N.mean())
    by_chance = p * q + (1.0 - p) * (1.0 - q)
    variance = by_chance * (1.0 - by_chance) / rows
    variance_by_chance = (
        (2.0 * p - 1.0) ** 2 * q * (1.0 - q) / rows
        + (2.0 * q - 1.0) ** 2 * p * (1.0 - p) / rows
        + 4.0 * p * q * (1.0 - p) * (1.0 - q) / rows**2
    )
    if not 0.0 < p < 1.0 or not 0.0 < q < 1.0 or variance <= variance_by_chance:
        return Test(statistic=math.nan, p_value=math.nan)
    statistic = (float((forecast_up_N == up_N).mean()) - by_chance) / math.sqrt(variance - variance_by_chance)
    return Test(statistic=statistic, p_value=normal_cdf(-statistic))
