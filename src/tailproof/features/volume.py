"""How much is traded, against the bars before and against the same minute of earlier sessions."""

from __future__ import annotations

import polars as pl

from tailproof.features.feature import Feature
from tailproof.features.windows import (
    CLOSE,
    DOLLARS,
    LOG_VOLUME,
    RETURN,
    VOLUME,
    mean,
    ratio,
    shared,
    spread,
    total,
)

FAMILY = "volume and dollar volume"
WINDOW = 20
SESSIONS, REACH = 10, 20
"""Mean over the last 10 sessions that have the minute, none of them more than 20 sessions back."""


def _ratio_to_mean(name: str, amount: pl.Expr, bars: int, *, words: str, needs: tuple[str, ...]) -> Feature:
    return Feature(
        name=name,
        expression=((amount + 1.0) / (amount.rolling_mean(bars, min_samples=5).clip(0.0) + 1.0)).log(),
        formula=f"ln(({words}[t] + 1) / (mean {words} of the last {bars} bars of the segment + 1)), at least 5 bars",
        needs=needs,
        look_back=bars - 1,
        family=FAMILY,
        source="relative volume; the inverse of Alpha158 VMA, in logs",
    )


def _ratio_to_minute(name: str, amount: pl.Expr, *, words: str, needs: tuple[str, ...]) -> Feature:
    usual = amount.shift(1).rolling_mean(SESSIONS).clip(0.0)
    near = pl.col("session") - pl.col("session").shift(SESSIONS) <= REACH
    return Feature(
        name=name,
        expression=pl.when(near).then(((amount + 1.0) / (usual + 1.0)).log()).over("new_york_minute"),
        formula=f"ln(({words}[t] + 1) / (mean {words} at this New York minute in the last {SESSIONS} sessions + 1))",
        needs=needs,
        look_back=0,
        look_back_sessions=REACH + 1,
        family=FAMILY,
        source="Admati and Pfleiderer (1988), the course of the day in volume, taken out",
        crosses=f"{words} of bars at the same minute of earlier sessions",
    )


VOLUME_Z = Feature(
    name="volume_z_60",
    expression=ratio(LOG_VOLUME - LOG_VOLUME.rolling_mean(60), LOG_VOLUME.rolling_std(60), least=1e-6),
    formula="(ln(volume + 1) - its mean) / its standard deviation, last 60 bars; 0 where it never changed",
    needs=("volume",),
    look_back=59,
    family=FAMILY,
    source="Gervais, Kaniel and Mingelgrin (2001), abnormal volume",
)
VOLUME_LOG = Feature(
    name="volume_log",
    expression=LOG_VOLUME,
    formula="ln(volume[t] + 1)",
    needs=("volume",),
    look_back=0,
    level=True,
    stationary_twin="volume_ratio_20",
    family=FAMILY,
    source="level of activity",
)
VSTD = Feature(
    name="vstd_20",
    expression=VOLUME.rolling_std(WINDOW) / (VOLUME + 1.0),
    formula="standard deviation of the last 20 volumes / (volume[t] + 1)",
    needs=("volume",),
    look_back=WINDOW - 1,
    family=FAMILY,
    source="Alpha158 VSTD20, with + 1 for bars without trades",
)
_WEIGHTED_MOVE = shared("volume_weighted_move", RETURN.abs() * VOLUME)
WVMA = Feature(
    name="wvma_20",
    expression=ratio(_WEIGHTED_MOVE.rolling_std(WINDOW), _WEIGHTED_MOVE.rolling_mean(WINDOW), least=1e-9),
    formula="standard deviation / mean of |return| x volume over 20 bars, 0 where nothing moved",
    needs=("close", "volume"),
    look_back=WINDOW,
    family=FAMILY,
    source="Alpha158 WVMA20",
)
VSUMD = Feature(
    name="vsumd_20",
    expression=ratio(VOLUME - VOLUME.shift(WINDOW), VOLUME.diff().abs().rolling_sum(WINDOW), least=0.5).clip(-1.0, 1.0),
    formula="(sum of rises - sum of falls of volume) / (their sum), 20 bars; 0 where it never changed",
    needs=("volume",),
    look_back=WINDOW,
    family=FAMILY,
    source="Alpha158 VSUMD20",
)
CORR = Feature(
    name="return_volume_corr_20",
    expression=ratio(
        (RETURN * LOG_VOLUME).rolling_mean(WINDOW) - mean(RETURN, WINDOW) * mean(LOG_VOLUME, WINDOW),
        spread(RETURN, WINDOW) * spread(LOG_VOLUME, WINDOW),
        least=1e-9,
    ).clip(-1.0, 1.0),
    formula="correlation of return and ln(volume + 1) over 20 bars, 0 where one of them rests",
    needs=("close", "volume"),
    look_back=WINDOW,
    family=FAMILY,
    source="Alpha158 CORD20, with the return in place of the price ratio",
)
AMIHUD = Feature(
    name="amihud_60",
    expression=(ratio(RETURN.abs().rolling_sum(60).clip(0.0), total(DOLLARS, 60), least=0.01) * 1e9 + 1e-6).log(),
    formula="ln(1e9 sum |return| / sum (typical price x volume) + 1e-6), last 60 bars",
    needs=("high", "low", "close", "volume"),
    look_back=60,
    family=FAMILY,
    source="Amihud (2002), as a ratio of sums so that bars without trades count",
)

FEATURES = (
    _ratio_to_mean("volume_ratio_20", VOLUME, WINDOW, words="volume", needs=("volume",)),
    _ratio_to_mean("volume_ratio_60", VOLUME, 60, words="volume", needs=("volume",)),
    _ratio_to_mean("dollar_ratio_60", DOLLARS, 60, words="dollar volume", needs=("high", "low", "close", "volume")),
    _ratio_to_minute("volume_to_minute_10s", VOLUME, words="volume", needs=("volume",)),
    _ratio_to_minute("dollar_to_minute_10s", CLOSE * VOLUME, words="close x volume", needs=("close", "volume")),
    VOLUME_Z,
    VOLUME_LOG,
    VSTD,
    WVMA,
    VSUMD,
    CORR,
    AMIHUD,
)
