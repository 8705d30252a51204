"""Turns columns of features and labels into the arrays that a network learns from."""

from __future__ import annotations

import numpy as np
import polars as pl

from tailproof.arrays.scratch import blocks, gathered
from tailproof.core.counted import counted
from tailproof.core.errors import DataError
from tailproof.core.feature_values import FeatureValues
from tailproof.core.records import Bars, Design
from tailproof.core.stretches import holding_stretches
from tailproof.core.surface import setting


def build_design(bars: Bars, features: pl.DataFrame | FeatureValues, labels: pl.DataFrame) -> Design:
    """Keep the bars that have every feature and a label; count the others by reason.

    Args:
        bars: the bars, in time order.
        features: the values of each at each bar, or a table of them: one float column per feature, null where unknown.
        labels: ``forward_return`` and ``label_end``, one row per bar; null where there is none. ``open_return``, where
            a label is no return from close to close.

    Raises:
        DataError: a feature is NaN or infinite at some bar (named with its first bar), or no bar is left.
    """
    values = features if isinstance(features, FeatureValues) else FeatureValues.of(features)
    refuse_non_finite(bars, values)
    known_B = np.empty(len(bars), dtype=bool)
    for block in blocks(len(bars)):
        known_B[block] = ~np.isnan(values.x_BF[block]).any(axis=1)
    labelled_B = (labels["forward_return"].is_not_null() & labels["label_end"].is_not_null()).to_numpy()
    bar_N = np.flatnonzero(known_B & labelled_B)
    dropped = {
        "a feature not yet known (start of a segment, or of a merged series)": int(np.count_nonzero(~known_B)),
        "no label inside the segment (its last bars)": int(np.count_nonzero(known_B & ~labelled_B)),
    }
    if not len(bar_N):
        counts = "; ".join(f"{count:,} bars: {reason}" for reason, count in dropped.items())
        raise DataError(f"{bars.source}: no bar has both features and a label. {counts}. {_remedy()}")
    last_return = (pl.col("close") / pl.col("close").shift(1) - 1.0).over("segment").fill_null(0.0)

    def kept(column: pl.Series) -> np.ndarray:
        return gathered(column.to_numpy(), bar_N)

    return Design(
        names=values.names,
        x_NF=gathered(values.x_BF, bar_N),
        return_N=kept(labels["forward_return"]),
        last_return_N=kept(bars.frame.select(last_return).to_series()),
        close_N=kept(bars.frame["close"]),
        known_at_N=kept(_nanoseconds(bars.frame["known_at"])),
        label_end_N=kept(_nanoseconds(labels["label_end"])),
        session_N=kept(bars.frame["session"]),
        bar_N=bar_N,
        stretch_N=holding_stretches(bars)[bar_N],
        open_return_N=_open_return(bars, labels)[bar_N],
        dropped=dropped,
    )


def _open_return(bars: Bars, labels: pl.DataFrame) -> np.ndarray:
    """Return of each bar from the open of the next one to the close at which its label ends; NaN without a label."""
    if "open_return" in labels.columns:
        return labels["open_return"].fill_null(np.nan).to_numpy()
    close_B, open_B = (bars.frame[name].to_numpy() for name in ("close", "open"))
    next_open_B = np.r_[open_B[1:], np.nan]
    return np.asarray(close_B * (1.0 + labels["forward_return"].fill_null(np.nan).to_numpy()) / next_open_B - 1.0)


def refuse_non_finite(bars: Bars, values: FeatureValues) -> None:
    """Raise DataError where a feature is NaN or infinite at some bar, named with its first bar."""
    time = bars.frame["time"]
    faults = [
        f"'{name}' is {fault.value} at {counted(fault.count, 'bar')}, first {time[fault.first]:%Y-%m-%d %H:%M} UTC"
        for name, fault in values.faults.items()
    ]
    if faults:
        raise DataError(f"{bars.source}: features must be finite, but: {'; '.join(faults)}. Leave them out.")


def _nanoseconds(times: pl.Series) -> pl.Series:
    """Integers; 0 where there is no time, so that none becomes a float."""
    return times.dt.cast_time_unit("ns").to_physical().fill_null(0)


def _remedy() -> str:
    return (
        "Give more bars, features with a shorter look-back, or let segments run on over breaks "
        f"({setting('session_gap')})."
    )
