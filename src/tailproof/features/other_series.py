"""Features of series that came by merging: the VIX, and the closes of other instruments."""

from __future__ import annotations

import polars as pl

from tailproof.features.feature import Feature

VIX_LOG = Feature(
    name="vix_log",
    expression=(pl.col("vix_close") / 20.0).log(),
    formula="ln(last known VIX close / 20)",
    needs=("vix_close",),
    look_back=0,
)


def close_change_of(column: str) -> Feature:
    """One-bar return of another instrument's close, such as ``nasdaq_close``."""
    return Feature(
        name=f"{column}_change_pct",
        expression=pl.col(column) / pl.col(column).shift(1) - 1.0,
        formula=f"{column}[t] / {column}[t-1] - 1",
        needs=(column,),
        look_back=1,
    )


FEATURES = (VIX_LOG,)
