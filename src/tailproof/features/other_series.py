"""Features of series that came by merging: the VIX, and the closes of other instruments."""

from __future__ import annotations

import polars as pl

from tailproof.features.feature import Feature
from tailproof.features.volatility import realised
from tailproof.features.windows import QUIET

FAMILY = "VIX and other series"
VIX = pl.col("vix_close")
KNOWN = "when its bar is complete; each VIX value from when it was published"


def _vix(name: str, expression: pl.Expr, formula: str, look_back: int, source: str, *needs: str) -> Feature:
    return Feature(
        name=name,
        expression=expression,
        formula=formula,
        needs=("vix_close", *needs),
        look_back=look_back,
        family=FAMILY,
        source=source,
        known=KNOWN,
    )


VIX_LOG = _vix("vix_log", (VIX / 20.0).log(), "ln(last known VIX close / 20)", 0, "Cboe VIX; Whaley (2000)")
VIX_CHANGES = tuple(
    _vix(
        f"vix_change_{bars}",
        (VIX / VIX.shift(bars)).log(),
        f"ln(last known VIX / the one known {bars} bars before)",
        bars,
        "Whaley (2009): VIX moves against the price",
    )
    for bars in (1, 20, 60)
)
VIX_TO_REALISED = _vix(
    "vix_to_realised_60",
    (VIX / 100.0).log() - realised(60).clip(QUIET).log(),
    "ln(VIX / 100) - ln(realised volatility of one bar, last 60 bars): its annualisation is a constant",
    60,
    "Bollerslev, Tauchen and Zhou (2009), variance premium",
    "close",
)
VIX_GAP = _vix(
    "vix_gap_60",
    VIX / VIX.rolling_mean(60) - 1.0,
    "last known VIX / its mean over 60 bars - 1",
    59,
    "Bollinger-style distance from a mean",
)
VIX_AGE = Feature(
    name="vix_age",
    expression=(pl.col("vix_close_age_hours").clip(0.0) + 1.0).log(),
    formula="ln(hours since the last known VIX was published + 1)",
    needs=("vix_close_age_hours",),
    look_back=0,
    family=FAMILY,
    source="age of a value joined backward on when it was known",
    known=KNOWN,
)


def close_change_of(column: str) -> Feature:
    """One-bar return of another instrument's close, such as ``nasdaq_close``."""
    return Feature(
        name=f"{column}_change_pct",
        expression=pl.col(column) / pl.col(column).shift(1) - 1.0,
        formula=f"{column}[t] / {column}[t-1] - 1",
        needs=(column,),
        look_back=1,
        family=FAMILY,
        source="return of a merged close",
    )


FEATURES = (VIX_LOG, *VIX_CHANGES, VIX_TO_REALISED, VIX_GAP, VIX_AGE)
