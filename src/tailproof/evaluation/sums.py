"""The sums over each group that every interval of a verdict is made of, and the figures that they give."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tailproof.core.records import Forecast
from tailproof.core.stretches import later_rows
from tailproof.objectives.losses import row_losses
from tailproof.objectives.objective import Objective
from tailproof.statistics.calibration import slope_from_sums
from tailproof.statistics.groups import Groups
from tailproof.statistics.known_volatility import weights_of_known_volatility
from tailproof.statistics.ranks import rank_products, standard_ranks
from tailproof.statistics.resampled import Figure, RankProducts

MODEL, CONSTANT, ZERO = "model", "constant", "zero"


@dataclass(frozen=True, kw_only=True)
class ForecasterSums:
    """Losses and squared errors of several forecasters."""

    names: tuple[str, ...]
    loss_XK: np.ndarray
    squared_XK: np.ndarray

    def of(self, name: str, loss: Literal["loss", "squared"]) -> np.ndarray:
        """One forecaster's sums."""
        sum_XK = self.loss_XK if loss == "loss" else self.squared_XK
        return np.asarray(sum_XK[..., self.names.index(name)])


@dataclass(frozen=True, kw_only=True)
class CalibrationSums:
    """Moments of forecast and target, centred first so that their differences keep their digits."""

    prediction_X: np.ndarray
    target_X: np.ndarray
    prediction_squared_X: np.ndarray
    prediction_target_X: np.ndarray


@dataclass(frozen=True, kw_only=True)
class DirectionSums:
    """Counts of the two by two table of forecast and realised direction, over rows that moved."""

    moved_X: np.ndarray
    up_X: np.ndarray
    forecast_up_X: np.ndarray
    hits_X: np.ndarray


@dataclass(frozen=True, kw_only=True)
class DelaySums:
    """Rank products of forecasts with what an order could have had: from the next open, and one bar late."""

    open_product_X: np.ndarray
    late_product_X: np.ndarray
    late_rows_X: np.ndarray
    """Rows that are followed by another row."""


@dataclass(frozen=True, kw_only=True)
class MeanReturnSums:
    """Weights, and weighted moments of the forecast's standard rank and of the return itself."""

    weight_X: np.ndarray
    forecast_X: np.ndarray
    return_X: np.ndarray
    forecast_squared_X: np.ndarray
    return_squared_X: np.ndarray
    product_X: np.ndarray


@dataclass(frozen=True, kw_only=True)
class VerdictSums:
    """Everything that a verdict resamples, with the leading axis X of ``statistics/resampled.py``."""

    ranks: RankProducts
    forecasters: ForecasterSums
    calibration: CalibrationSums
    direction: DirectionSums
    delay: DelaySums
    mean_return: MeanReturnSums


def verdict_sums(
    forecasters: Mapping[str, np.ndarray],
    forecast: Forecast,
    *,
    zero_return_target_N: np.ndarray,
    return_rank_N: np.ndarray,
    objective: Objective,
    groups: Groups,
) -> VerdictSums:
    """Sums over each group.

    Args:
        forecasters: predictions of all rows by name; ``MODEL`` is among them.
        forecast: the model's forecasts, and the outcomes.
        zero_return_target_N: target of a zero return.
        return_rank_N: standard ranks of the returns.
        objective: the loss.
        groups: rows that are resampled together.
    """
    names = tuple(forecasters)
    predictions = forecasters.values()
    target_N = forecast.target_N

    def each(values: list[np.ndarray]) -> np.ndarray:
        return np.stack([groups.sums(value_N) for value_N in values], axis=1)

    return VerdictSums(
        ranks=RankProducts(
            names=names,
            rows_X=groups.sizes.astype(np.float64),
            product_XK=each([standard_ranks(each_N) * return_rank_N for each_N in predictions]),
        ),
        forecasters=ForecasterSums(
            names=names,
            loss_XK=each([row_losses(objective, each_N, target_N) for each_N in predictions]),
            squared_XK=each([(each_N - target_N) ** 2 for each_N in predictions]),
        ),
        calibration=_calibration(forecast.prediction_N, target_N, groups),
        direction=_direction(forecast.prediction_N > zero_return_target_N, forecast.return_N, groups),
        delay=_delay(forecast, groups),
        mean_return=_mean_return(forecast, groups),
    )


def skill_of(name: str, other: str, *, loss: Literal["loss", "squared"]) -> Figure[VerdictSums]:
    """1 - loss of one forecaster / loss of another."""
    return lambda sums: np.asarray(1.0 - sums.forecasters.of(name, loss) / sums.forecasters.of(other, loss))


def next_open_rank_ic(sums: VerdictSums) -> np.ndarray:
    """Rank IC with returns from the next open, the first price that an order of the row can have."""
    return np.asarray(sums.delay.open_product_X / sums.ranks.rows_X)


def late_rank_ic(sums: VerdictSums) -> np.ndarray:
    """Rank IC with the returns of one bar later; NaN where no session has two rows."""
    rows_X = sums.delay.late_rows_X
    return np.asarray(np.where(rows_X > 0.0, sums.delay.late_product_X / np.maximum(rows_X, 1.0), math.nan))


def mean_return_ic(sums: VerdictSums) -> np.ndarray:
    """Does the mean of the return move with the forecast? The weighted correlation of its rank with the return.

    corr = sum w (z - mean z) (r - mean r) / sqrt(sum w (z - mean z)² sum w (r - mean r)²), with z the forecast's
    standard rank, r the return (not its rank), w one over the variance that was known before the row
    (``statistics/known_volatility.py``), and means weighted by w: least squares of the return on the forecast, weighted
    as Aitken (1936) weighs, on the scale of a correlation. Where the mean of the next return is the same whatever is
    known before, its expectation is zero however skewed and however clustered the shocks are; a rank IC then need not
    be. NaN where forecasts or returns never vary.
    """
    moments = sums.mean_return
    weight_X = np.where(moments.weight_X > 0.0, moments.weight_X, math.nan)
    covariance_X = moments.product_X - moments.forecast_X * moments.return_X / weight_X
    forecast_X = moments.forecast_squared_X - moments.forecast_X**2 / weight_X
    return_X = moments.return_squared_X - moments.return_X**2 / weight_X
    varies_X = (forecast_X > 1e-12 * moments.forecast_squared_X) & (return_X > 0.0)
    spread_X = np.sqrt(np.where(varies_X, forecast_X * return_X, 1.0))
    return np.asarray(np.where(varies_X, covariance_X / spread_X, math.nan))


def hit_rate_excess(sums: VerdictSums) -> np.ndarray:
    """Hit rate less that of forecasts that say up equally often, but at random (Pesaran and Timmermann 1992)."""
    direction = sums.direction
    moved = np.maximum(direction.moved_X, 1.0)
    up, forecast_up = direction.up_X / moved, direction.forecast_up_X / moved
    return np.asarray(direction.hits_X / moved - (up * forecast_up + (1.0 - up) * (1.0 - forecast_up)))


def calibration_slope(sums: VerdictSums) -> np.ndarray:
    """Slope of target on forecast."""
    fit = sums.calibration
    return slope_from_sums(
        sums.ranks.rows_X, fit.prediction_X, fit.target_X, fit.prediction_squared_X, fit.prediction_target_X
    )


def _calibration(prediction_N: np.ndarray, target_N: np.ndarray, groups: Groups) -> CalibrationSums:
    x_N, y_N = prediction_N - prediction_N.mean(), target_N - target_N.mean()
    return CalibrationSums(
        prediction_X=groups.sums(x_N),
        target_X=groups.sums(y_N),
        prediction_squared_X=groups.sums(x_N**2),
        prediction_target_X=groups.sums(x_N * y_N),
    )


def _direction(forecast_up_N: np.ndarray, return_N: np.ndarray, groups: Groups) -> DirectionSums:
    moved_N, up_N = return_N != 0.0, return_N > 0.0
    return DirectionSums(
        moved_X=groups.sums(moved_N),
        up_X=groups.sums(up_N),
        forecast_up_X=groups.sums(moved_N & forecast_up_N),
        hits_X=groups.sums(moved_N & (forecast_up_N == up_N)),
    )


def _delay(forecast: Forecast, groups: Groups) -> DelaySums:
    """A close that printed at the bid is likely to be followed by one at the ask. That return is real in the data and
    can be forecast from the last one, but nobody can trade it: the next open is mostly at the other side already, and
    from the next bar's close on the bounce is over (Roll 1984; Jegadeesh 1990 skips a day for the same reason)."""
    row_L, later_L = later_rows(forecast.bar_N, forecast.stretch_N, bars=1)
    product_N, used_N = np.zeros(len(forecast.return_N)), np.zeros(len(forecast.return_N))
    if len(row_L):
        product_N[row_L] = rank_products(forecast.prediction_N[row_L], forecast.return_N[later_L])
        used_N[row_L] = 1.0
    return DelaySums(
        open_product_X=groups.sums(rank_products(forecast.prediction_N, forecast.open_return_N)),
        late_product_X=groups.sums(product_N),
        late_rows_X=groups.sums(used_N),
    )


def _mean_return(forecast: Forecast, groups: Groups) -> MeanReturnSums:
    rank_N, return_N = np.nan_to_num(standard_ranks(forecast.prediction_N)), forecast.return_N
    weight_N = weights_of_known_volatility(return_N, forecast.known_at_N, forecast.label_end_N)
    return MeanReturnSums(
        weight_X=groups.sums(weight_N),
        forecast_X=groups.sums(weight_N * rank_N),
        return_X=groups.sums(weight_N * return_N),
        forecast_squared_X=groups.sums(weight_N * rank_N**2),
        return_squared_X=groups.sums(weight_N * return_N**2),
        product_X=groups.sums(weight_N * rank_N * return_N),
    )
