"""Rank IC by horizon: how long what a forecast says of the next bar goes on to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from tailproof.core.randomness import generator
from tailproof.core.records import Forecast
from tailproof.core.stretches import later_rows
from tailproof.core.verdict import HorizonIC
from tailproof.statistics.groups import Groups
from tailproof.statistics.ranks import rank_products
from tailproof.statistics.resampled import Resampled

HORIZONS = (1, 2, 5, 10, 30)
"""Bars ahead."""


@dataclass(frozen=True, kw_only=True)
class HorizonSums:
    """Rank products and rows of each horizon, with the leading axis X of ``statistics/resampled.py``."""

    product_XH: np.ndarray
    rows_XH: np.ndarray

    def rank_ic(self, *, place: int) -> np.ndarray:
        """The mean product of the horizon at a place; NaN where no row reaches so far."""
        rows_X, product_X = self.rows_XH[..., place], self.product_XH[..., place]
        return np.asarray(np.where(rows_X > 0.0, product_X / np.maximum(rows_X, 1.0), np.nan))


def returns_ahead(close_B: np.ndarray, segment_B: np.ndarray, bar_N: np.ndarray) -> dict[int, np.ndarray]:
    """Return from the close of each row's bar to the close so many bars later; NaN where the segment ends before.

    Args:
        close_B: close of every bar.
        segment_B: segment of every bar.
        bar_N: bar of each row.

    >>> returns_ahead(np.array([100.0, 110.0, 121.0]), np.array([0, 0, 0]), np.array([0, 1]))[2].round(2).tolist()
    [0.21, nan]
    """
    ahead = {}
    for horizon in HORIZONS:
        later_N = np.minimum(bar_N + horizon, len(close_B) - 1)
        inside_N = (bar_N + horizon < len(close_B)) & (segment_B[later_N] == segment_B[bar_N])
        ahead[horizon] = np.where(inside_N, close_B[later_N] / close_B[bar_N] - 1.0, np.nan)
    return ahead


def rank_ic_by_horizon(
    prediction_N: np.ndarray, ahead: Mapping[int, np.ndarray], groups: Groups, *, seed: int, replications: int
) -> tuple[HorizonIC, ...]:
    """Rank IC of the same forecasts with the return over each horizon, groups resampled whole.

    Returns over several bars overlap, so that neighbouring rows move together; groups of rows, which are what is
    resampled, hold them. The groups drawn are those of the verdict, so that one figure has one interval.

    Args:
        prediction_N: forecasts of all rows.
        ahead: return of each row over each number of bars, from ``returns_ahead``.
        groups: sessions, or months of daily bars.
        seed: of the bootstrap.
        replications: of the bootstrap.
    """
    if not ahead:
        return ()
    product_NH, used_NH = np.zeros((2, len(prediction_N), len(ahead)))
    for place, return_N in enumerate(ahead.values()):
        row_R = np.flatnonzero(np.isfinite(return_N))
        if len(row_R):
            product_NH[row_R, place] = rank_products(prediction_N[row_R], return_N[row_R])
            used_NH[row_R, place] = 1.0
    sums = HorizonSums(
        product_XH=np.stack([groups.sums(column_N) for column_N in product_NH.T], axis=1),
        rows_XH=np.stack([groups.sums(column_N) for column_N in used_NH.T], axis=1),
    )
    product_G, rows_G = sums.product_XH[:, 0], sums.rows_XH[:, 0]
    score_G = np.nan_to_num(product_G - product_G.sum() / max(rows_G.sum(), 1.0) * rows_G)
    drawn = Resampled.of(sums, score_G, replications=replications, rng=generator(seed, "bootstrap"))
    return tuple(
        HorizonIC(
            bars=horizon,
            rows=int(drawn.total.rows_XH[place]),
            rank_ic=drawn.interval(partial(HorizonSums.rank_ic, place=place)),
        )
        for place, horizon in enumerate(ahead)
    )


def forecast_autocorrelation(forecast: Forecast) -> float:
    """Rank correlation of each forecast with that of the next bar; NaN where no two rows follow one another.

    Near 1 positions last and turnover is low; near 0 each bar has a forecast of its own, and below it they alternate.
    """
    row_L, later_L = later_rows(forecast.bar_N, forecast.stretch_N, bars=1)
    if not len(row_L):
        return float("nan")
    return float(rank_products(forecast.prediction_N[row_L], forecast.prediction_N[later_L]).mean())
