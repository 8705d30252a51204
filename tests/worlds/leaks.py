"""Planted leaks, one for each of the usual mistakes: the audit must name them, and no verdict may call them skill."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from tests.support.bars import bars_of, random_bar_frame

from tailproof.core.records import Bars
from tailproof.features import Feature
from tailproof.features.own import feature_of

CLOSE, HIGH = pl.col("close"), pl.col("high")
BREAKS = (400, 900, 1300)


def bars() -> Bars:
    """1,600 minutes in four sessions; the VIX is empty for 60 bars, so that filling backward can show."""
    frame = random_bar_frame(1600, seed=3, breaks=BREAKS)
    hole = pl.int_range(pl.len()).is_between(1000, 1060)
    return bars_of(frame.with_columns(vix_close=pl.when(~hole).then("vix_close")))


def first_component(frame: pl.DataFrame) -> pl.Expr:
    """The loadings come from all bars, those to come included."""
    columns = [CLOSE.pct_change(), (HIGH / pl.col("low") - 1.0), (CLOSE / pl.col("open") - 1.0)]
    x_NF = frame.select(column.fill_null(0.0).alias(str(index)) for index, column in enumerate(columns)).to_numpy()
    loading_F = np.linalg.svd(x_NF - x_NF.mean(axis=0), full_matrices=False)[2][0]
    return pl.sum_horizontal(column * float(weight) for column, weight in zip(columns, loading_F, strict=True))


LEAKS: dict[str, Callable[[pl.DataFrame], pl.Expr]] = {
    "next_close": lambda frame: CLOSE.shift(-1) / CLOSE - 1.0,
    "close_thirty_bars_ahead": lambda frame: CLOSE.shift(-30),
    "centred_rolling_mean": lambda frame: CLOSE.rolling_mean(21, center=True) / CLOSE - 1.0,
    "global_z_score": lambda frame: (CLOSE - CLOSE.mean()) / CLOSE.std(),
    "whole_sample_rank": lambda frame: CLOSE.rank() / pl.len(),
    "backward_fill": lambda frame: pl.col("vix_close").backward_fill(),
    "interpolated": lambda frame: pl.col("vix_close").interpolate(),
    "future_fitted_pca": first_component,
    "label_as_feature": lambda frame: (CLOSE.shift(-1) / CLOSE).log().sign(),
    "average_from_the_end": lambda frame: CLOSE.reverse().ewm_mean(alpha=0.1).reverse() / CLOSE,
    "bars_left_in_the_session": lambda frame: pl.len() - pl.int_range(pl.len()),
    "seconds_to_the_next_bar": lambda frame: (pl.col("time").shift(-1) - pl.col("time")).dt.total_seconds(),
    "scaled_by_the_largest_move": lambda frame: CLOSE.pct_change() / CLOSE.pct_change().abs().max(),
    "median_of_the_frame": lambda frame: pl.col("volume") / float(frame["volume"].median() or 1.0),
}
CROSSING: dict[str, pl.Expr] = {
    "session_high_before_its_end": HIGH.max().over("session") / CLOSE - 1.0,
    "hour_visible_before_it_closed": CLOSE.last().over("segment", pl.col("time").dt.truncate("1h")) / CLOSE - 1.0,
    "tomorrow_first_open": pl.col("open").first().over("session").shift(-600),
}


def own(name: str, function: Callable[[pl.DataFrame], pl.Expr]) -> Feature:
    """A feature of a user's own, evaluated inside segments."""
    feature = feature_of(function)
    return Feature(name=name, expression=feature.expression, formula=name, needs=(), look_back=None)


def crossing(name: str) -> Feature:
    """A feature that is evaluated over breaks."""
    return Feature(
        name=name, expression=CROSSING[name], formula=name, needs=(), look_back=60, crosses="whatever it likes"
    )


def planted(name: str) -> Feature:
    """One of the leaks by its name."""
    return crossing(name) if name in CROSSING else own(name, LEAKS[name])
