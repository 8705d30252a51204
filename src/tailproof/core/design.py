"""From columns of features and labels to the arrays a network learns from."""

from __future__ import annotations

import numpy as np
import polars as pl

from tailproof.core.errors import DataError
from tailproof.core.records import Bars, Design


def build_design(bars: Bars, features: pl.DataFrame, labels: pl.DataFrame) -> Design:
    """Keep the bars that have every feature and a label; count the others by reason.

    Args:
        bars: the bars, in time order.
        features: one float column a feature, one row a bar; null where not yet known.
        labels: ``forward_return`` and ``label_end``, one row a bar; null where there is none.

    Raises:
        DataError: a feature is NaN or infinite at some bar (named with its first bar), or no bar is left.
    """
    _refuse_non_finite(bars, features)
    known = features.select(known=pl.all_horizontal(pl.all().is_not_null()))["known"]
    labelled = labels["forward_return"].is_not_null()
    keep = known & labelled
    dropped = {
        "a feature not yet known (start of a segment, or of a merged series)": int((~known).sum()),
        "no label inside the segment (its last bars)": int((known & ~labelled).sum()),
    }
    if not keep.any():
        counts = "; ".join(f"{count:,} bars: {reason}" for reason, count in dropped.items())
        raise DataError(f"{bars.source}: no bar has both features and a label. {counts}. {_remedy()}")
    last_return = (pl.col("close") / pl.col("close").shift(1) - 1.0).over("segment").fill_null(0.0)
    bar = bars.frame.select("close", "known_at", "session", last_return=last_return)
    rows = bar.with_columns(labels).filter(keep)
    return Design(
        names=tuple(features.columns),
        x_NF=_float32_rows(features.filter(keep)),
        return_N=rows["forward_return"].to_numpy(),
        last_return_N=rows["last_return"].to_numpy(),
        close_N=rows["close"].to_numpy(),
        known_at_N=_nanoseconds(rows["known_at"]),
        label_end_N=_nanoseconds(rows["label_end"]),
        session_N=rows["session"].to_numpy(),
        bar_N=keep.arg_true().cast(pl.Int64).to_numpy(),
        dropped=dropped,
    )


def _refuse_non_finite(bars: Bars, features: pl.DataFrame) -> None:
    faults = []
    for name in features.columns:
        bad = (features[name].is_nan() | features[name].is_infinite()).fill_null(value=False)
        if bad.any():
            first = bad.arg_true()[0]
            time = bars.frame["time"][first]
            faults.append(f"'{name}' is {features[name][first]} at {bad.sum():,} bars, first {time:%Y-%m-%d %H:%M} UTC")
    if faults:
        raise DataError(f"{bars.source}: features must be finite, however: {'; '.join(faults)}. Leave them out.")


def _float32_rows(features: pl.DataFrame) -> np.ndarray:
    x_NF = np.empty(features.shape, dtype=np.float32)
    for column, name in enumerate(features.columns):
        x_NF[:, column] = features[name].to_numpy()
    return x_NF


def _nanoseconds(times: pl.Series) -> np.ndarray:
    return times.dt.cast_time_unit("ns").to_physical().to_numpy()


def _remedy() -> str:
    return "Give more bars, features with a shorter look-back, or let segments run on over breaks (--session-gap)."
