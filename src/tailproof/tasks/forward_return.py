"""The forecast quantity: the return from a bar's close to the close ``horizon`` bars later, inside its segment."""

from __future__ import annotations

import polars as pl

from tailproof.core.counted import counted
from tailproof.core.errors import DataError
from tailproof.core.records import Bars


def forward_return(bars: Bars, *, horizon: int) -> pl.DataFrame:
    """Columns ``forward_return`` (float64) and ``label_end`` (when that later close is known), one row per bar.

    Both are null where fewer than ``horizon`` bars of the segment follow: the last bars before a break have no label.
    The label of row t covers the time from known_at[t] to label_end[t]; it must not be used before label_end.

    Raises:
        DataError: a close is 0 or below, as in futures adjusted by differences: of a fall below zero the return in
            percent is positive or has no meaning.
    """
    below = bars.frame.select("time", "close").filter(pl.col("close") <= 0.0)
    if below.height:
        raise DataError(
            f"{bars.source}: a return in percent needs closes above 0, got {counted(below.height, 'close')} of 0 or "
            f"below, first at {below['time'][0]:%Y-%m-%d %H:%M} UTC. Give bars that were adjusted by ratio, or only "
            "those after the last of these."
        )
    later_close = pl.col("close").shift(-horizon).over("segment")
    return bars.frame.select(
        forward_return=later_close / pl.col("close") - 1.0,
        label_end=pl.col("known_at").shift(-horizon).over("segment"),
    )
