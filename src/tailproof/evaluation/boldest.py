"""How often the boldest forecasts are right, at once and one bar later: a leak on few rows is nearly always right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from tailproof.core.records import Forecast
from tailproof.core.stretches import later_rows
from tailproof.core.verdict import BoldestForecasts

SHARE = 0.01
MIN_ROWS = 100
"""Fewer rows than these say little about a hit rate; short tests take as many of their rows."""
MAX_HONEST = 0.65
"""Nobody is surely right this often about the next bar, however few the bars that are chosen."""
BOLD = 3.0
"""Approximate distance of the boldest hundredth of a normal signal from its mean, in standard deviations."""
SURE = 2.0
BETTER = 0.1
"""Margin within which a known reversal is as often right on the same rows."""
MIN_SESSIONS = 10


def boldest_forecasts(
    forecast: Forecast, *, zero_return_target_N: np.ndarray, last_returns: Sequence[np.ndarray], group_N: np.ndarray
) -> BoldestForecasts:
    """The hundredth of the rows whose forecasts are farthest from their median.

    Args:
        forecast: predictions of all rows, and what then happened.
        zero_return_target_N: prediction that says neither up nor down.
        last_returns: predictions of the last return reversed, fitted or plain.
        group_N: session of each row.
    """
    prediction_N = forecast.prediction_N
    size = min(max(int(len(prediction_N) * SHARE), MIN_ROWS), len(prediction_N))
    row_R = np.sort(np.argsort(-np.abs(prediction_N - np.median(prediction_N)), kind="stable")[:size])
    first_K, later_K = later_rows(forecast.bar_N, forecast.stretch_N, bars=1)
    chosen_K = np.isin(first_K, row_R)
    direction_N = np.sign(prediction_N - np.median(prediction_N))
    hit, moved = _hits(direction_N[row_R], forecast.return_N[row_R])
    late, moved_late = _hits(direction_N[first_K[chosen_K]], forecast.return_N[later_K[chosen_K]])
    known = [
        _hits(np.sign(each_N - zero_return_target_N)[row_R], forecast.return_N[row_R])[0] for each_N in last_returns
    ]
    return BoldestForecasts(
        rows=moved,
        sessions=len(np.unique(group_N[row_R])),
        hit_rate=hit,
        standard_error=_error(hit, moved),
        one_bar_late=late,
        one_bar_late_standard_error=_error(late, moved_late),
        last_return=max((rate for rate in known if not math.isnan(rate)), default=math.nan),
    )


def too_often_right(boldest: BoldestForecasts, *, expected_ic: float = 0.0) -> bool:
    """Whether the boldest forecasts look like a leak of the next bar.

    In ten sessions at least, they are surely right in more than 65 of 100 cases, or more often than Phi(3 IC /
    sqrt(1 - IC²)), the boldest forecasts of a normal signal with the IC that was declared before the run; the last
    return reversed is not nearly as good on the same rows; and one bar later less than half of the excess over 50 of
    100 is surely left.
    """
    excess = boldest.hit_rate - 0.5
    honest = max(MAX_HONEST, NormalDist().cdf(BOLD * expected_ic / math.sqrt(1.0 - min(expected_ic, 0.99) ** 2)))
    late = boldest.one_bar_late + SURE * boldest.one_bar_late_standard_error - 0.5
    known = not math.isnan(boldest.last_return) and boldest.last_return > boldest.hit_rate - BETTER
    return (
        boldest.sessions >= MIN_SESSIONS
        and boldest.rows >= MIN_ROWS // 2
        and boldest.hit_rate - SURE * boldest.standard_error > honest
        and not known
        and late < excess / 2.0
    )


def _hits(side_R: np.ndarray, return_R: np.ndarray) -> tuple[float, int]:
    """Share of the moving rows that moved as forecast, and how many rows moved."""
    moved_R = return_R != 0.0
    moved = int(np.count_nonzero(moved_R))
    return (float((side_R == np.sign(return_R))[moved_R].mean()) if moved else math.nan), moved


def _error(rate: float, rows: int) -> float:
    """Standard error of a share, at least that with one more row that missed."""
    if not rows:
        return math.nan
    missed = max(1.0 - rate, 1.0 / (rows + 1))
    return math.sqrt(max(rate, 1.0 / (rows + 1)) * missed / rows)
