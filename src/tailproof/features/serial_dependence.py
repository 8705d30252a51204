"""Memory of the returns: autocorrelation, variance ratio, runs."""

from __future__ import annotations

import polars as pl

from tailproof.features.feature import Feature
from tailproof.features.windows import CLOSE, LOG_RETURN, QUIET, RETURN, ROW, mean, ratio, shared, spread

FAMILY = "serial dependence"
MAX_RUN = 20


def moment(lag: int, bars: int) -> pl.Expr:
    """Mean product of the return with the one ``lag`` bars before, over ``bars`` pairs."""
    return mean(shared(f"return x return {lag} before", RETURN * RETURN.shift(lag)), bars)


def autocorrelation(lag: int, bars: int) -> pl.Expr:
    """Pearson correlation of the return with the one ``lag`` bars before, 0 where one side rests, never beyond ±1."""
    mean_return, spread_return = mean(RETURN, bars), spread(RETURN, bars)
    both = moment(lag, bars) - mean_return * mean_return.shift(lag)
    return ratio(both, spread_return * spread_return.shift(lag), least=QUIET**2).clip(-1.0, 1.0)


def _autocorrelation(lag: int, bars: int) -> Feature:
    return Feature(
        name=f"autocorr_{lag}_{bars}",
        expression=autocorrelation(lag, bars),
        formula=f"correlation of the return with the one {lag} bars before, {bars} pairs; 0 where nothing moved",
        needs=("close",),
        look_back=bars + lag,
        family=FAMILY,
        source="sample autocorrelation (Box and Jenkins 1970)",
    )


def _variance_ratio(step: int, bars: int) -> Feature:
    many = (CLOSE / CLOSE.shift(step)).log().rolling_var(bars)
    one = shared(f"one_bar_log_return variance {bars}", LOG_RETURN.rolling_var(bars))
    return Feature(
        name=f"variance_ratio_{step}_{bars}",
        expression=ratio(many, step * one, least=QUIET**2, otherwise=1.0),
        formula=f"var({step}-bar log return) / ({step} var(1-bar log return)), {bars} overlapping values; 1 at rest",
        needs=("close",),
        look_back=bars + step - 1,
        family=FAMILY,
        source="Lo and MacKinlay (1988), without their small-sample factor",
    )


def run_length() -> pl.Expr:
    """Bars in a row that moved the same way, this one included, signed by the way; at most 20, 0 at rest."""
    way = shared("way", RETURN.sign())
    began = pl.when(way.ne_missing(way.shift(1))).then(ROW).forward_fill()
    return way * (ROW - began + 1).clip(upper_bound=MAX_RUN)


RUN = Feature(
    name="run_length",
    expression=run_length(),
    formula="bars in a row with the same sign of return, signed, at most 20; 0 where the price rested",
    needs=("close",),
    look_back=MAX_RUN + 1,
    family=FAMILY,
    source="Wald and Wolfowitz (1940), runs",
)
REST_SHARE = Feature(
    name="rest_share_60",
    expression=(RETURN == 0.0).cast(pl.Float64).rolling_mean(60),
    formula="share of exactly zero returns among the last 60",
    needs=("close",),
    look_back=60,
    family=FAMILY,
    source="Lesmond, Ogden and Trzcinka (1999), zero returns",
)

FEATURES = (
    _autocorrelation(1, 20),
    _autocorrelation(1, 60),
    _autocorrelation(5, 60),
    _variance_ratio(2, 60),
    _variance_ratio(5, 60),
    _variance_ratio(10, 120),
    RUN,
    REST_SHARE,
)
