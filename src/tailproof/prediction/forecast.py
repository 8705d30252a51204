"""Forecasts of new bars by a finished run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from tailproof.arrays.scratch import blocks
from tailproof.core.design import refuse_non_finite
from tailproof.core.errors import ConfigError, DataError
from tailproof.core.feature_values import FeatureValues
from tailproof.core.records import Bars
from tailproof.engines.interface import Engine
from tailproof.features import MissingColumnError, feature_values, own_features, select_features
from tailproof.features.clock import OF_THE_CLOCK
from tailproof.features.feature import Feature
from tailproof.prediction.trained import TrainedModel
from tailproof.statistics.drift import LARGE_DISTANCE, LARGE_SHIFT, MIN_ROWS, is_shift

A_WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Forecasts:
    """The forecasts of a model for bars."""

    frame: pl.DataFrame
    """One row per bar at which every feature is known, in time order.

    ``time`` (bar start) and ``known_at`` (UTC; the forecast can be acted on from then), ``prediction`` (float64, the
    members' mean, in units of the run's target: 0.5 is the median training return of a rank target), ``spread``
    (float64, standard deviation over members), ``predicted_return`` (float64, the training return of that target) and
    ``seen`` (whether its return began before the last one seen in training ended: that forecast proves nothing).
    """
    notes: tuple[str, ...]


def forecast_bars(model: TrainedModel, bars: Bars, *, threads: int | None = None) -> Forecasts:
    """Forecasts of every bar at which all of the model's features are known.

    Features are computed, scaled and forecast as in training, bit for bit; to 1e-6 where the torch engine forecasts,
    whose rounding depends on a row's place among the rows of one call. Bars without a feature (the first of a segment)
    are left out and counted.

    Raises:
        ConfigError: a feature needs a column that these bars lack.
        DataError: bars of another length than those trained on, a value that is not finite, or no bar to forecast.
    """
    values, row_R = known_values(model, bars)
    mean_R, spread_R = _outputs(model, values, row_R, model.engine(threads=threads))
    seen_to = pl.lit(model.seen_to).str.to_datetime(time_zone="UTC", time_unit="ns")
    frame = bars.frame[row_R].select(
        "time",
        "known_at",
        pl.Series("prediction", mean_R),
        pl.Series("spread", spread_R),
        pl.Series("predicted_return", model.transform.inverse(mean_R)),
        seen=pl.col("known_at") < seen_to,
    )
    return Forecasts(frame=frame, notes=tuple(_notes(model, bars, values, frame)))


def known_values(model: TrainedModel, bars: Bars) -> tuple[FeatureValues, np.ndarray]:
    """Values of the model's features at all bars, and the rows (int64) at which every one of them is known.

    Raises:
        ConfigError, DataError: as ``forecast_bars``.
    """
    refuse_other_bars(model, bars)
    values = feature_values(bars, features_of(model, bars))
    known_B = np.concatenate([~np.isnan(values.x_BF[block]).any(axis=1) for block in blocks(len(bars))])
    row_R = np.flatnonzero(known_B)
    refuse_non_finite(bars, values)
    if not len(row_R):
        raise DataError(
            f"{bars.source}: at least one bar must have every feature of {model.run}, but none of {len(bars):,} has. "
            "Give more of them before those to be forecast; the first bars of a segment have no history."
        )
    return values, row_R


def features_of(model: TrainedModel, bars: Bars) -> tuple[Feature, ...]:
    """The features that the model was trained on.

    Raises:
        ConfigError: one needs a column that these bars lack.
    """
    own = own_features(model.feature_file, bars)
    try:
        return select_features(bars, model.names, own=own).features
    except MissingColumnError as error:
        raise ConfigError(f"{error.needed}, and {model.run} was trained with it: {error.cure}.") from error


def member_outputs(model: TrainedModel, x_RF: np.ndarray, engine: Engine) -> np.ndarray:
    """The forecasts of each member (float32, members by rows), as bold as allowed, for rows of unscaled features."""
    scaled_RF = model.scaler.transform(x_RF)
    output_MR = engine.predict(model.spec, model.parameters, scaled_RF)[:, :, 0]
    return model.network.shrinkage.apply(output_MR + model.network.interactions.apply(scaled_RF))


def refuse_other_bars(model: TrainedModel, bars: Bars) -> None:
    """Raise DataError where bars are not as long as those that the model was trained on."""
    seconds = bars.bar_length.total_seconds()
    if seconds != model.bar_seconds:
        raise DataError(
            f"{bars.source}: bars must be as long as those that {model.run} was trained on ({model.bar_seconds:g} s), "
            f"got {seconds:g} s. Resample them (tailproof resample), or train on such bars."
        )


def _outputs(
    model: TrainedModel, values: FeatureValues, row_R: np.ndarray, engine: Engine
) -> tuple[np.ndarray, np.ndarray]:
    mean_R, spread_R = np.empty(len(row_R)), np.empty(len(row_R))
    for block in blocks(len(row_R)):
        output_MR = member_outputs(model, values.x_BF[row_R[block]], engine)
        mean_R[block] = output_MR.mean(axis=0, dtype=np.float64)
        spread_R[block] = output_MR.std(axis=0, dtype=np.float64)
    return mean_R, spread_R


def _notes(model: TrainedModel, bars: Bars, values: FeatureValues, frame: pl.DataFrame) -> list[str]:
    seen = int(frame["seen"].sum())
    notes = [f"{frame.height:,} of {len(bars):,} bars forecast; at the others a feature is not known yet."]
    if seen:
        notes.append(f"{seen:,} of them were known when the model was trained: their forecasts prove nothing.")
    span = bars.frame["time"][-1] - bars.frame["time"][0]
    return [*notes, *_shifts(model, values, but=OF_THE_CLOCK if span < A_WEEK else frozenset())]


def _shifts(model: TrainedModel, values: FeatureValues, *, but: frozenset[str]) -> list[str]:
    """A line for each feature whose values have moved since training, ``but`` some."""
    warnings = []
    for column, name in enumerate(values.names):
        value_R = values.x_BF[:, column]
        value_R = value_R[~np.isnan(value_R)]
        if name in but or len(value_R) < MIN_ROWS:
            continue
        psi, distance = model.seen[name].psi(value_R), model.seen[name].distance(value_R)
        if is_shift(psi, distance):
            warnings.append(
                f"Warning: '{name}' has moved since training: PSI {psi:.2f}, KS {distance:.2f} (above {LARGE_SHIFT} or "
                f"{LARGE_DISTANCE} is a shift)."
            )
    return warnings
