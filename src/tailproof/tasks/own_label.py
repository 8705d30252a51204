"""Labels of the user's own: a function of the bars, or values with the times at which they are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl

from tailproof.core.errors import ConfigError, DataError
from tailproof.core.records import Bars
from tailproof.tasks.task import Label

NEED = (
    "a target needs its label ends, the times at which its values are known: without them nothing can be purged. Give "
    "target=(values, label_end), a frame with the columns target and label_end, or a function of the bars' frame that "
    "returns one of these."
)


def label_of_function(function: Callable[[pl.DataFrame], Any]) -> Label:
    """A label from a function of the bars' frame; the audit replaces bars under it as it does under ours."""

    def label(bars: Bars, *, horizon: int) -> pl.DataFrame:
        del horizon
        return _labels(bars, function(bars.frame))

    return label


def label_of_values(bars: Bars, values: Any) -> Label:
    """A label from one value for each of these bars; of other bars it is looked up by their times."""
    whole = _labels(bars, values).with_columns(bars.frame["time"])

    def label(bars: Bars, *, horizon: int) -> pl.DataFrame:
        del horizon
        return bars.frame.select("time").join(whole, on="time", how="left", maintain_order="left").drop("time")

    return label


def label_span(bars: Bars, label: Label) -> int:
    """The most bars that a label spans, at least 1."""
    ends = label(bars, horizon=1)["label_end"].to_physical()
    row_N = np.flatnonzero(ends.is_not_null().to_numpy())
    known_at_B = bars.frame["known_at"].dt.cast_time_unit("ns").to_physical().to_numpy()
    span_N = np.searchsorted(known_at_B, ends.drop_nulls().to_numpy()) - row_N
    return int(max(1, span_N.max(initial=1)))


def _labels(bars: Bars, values: Any) -> pl.DataFrame:
    """Columns ``forward_return`` (the target, null where there is none), ``label_end`` and ``open_return``.

    Raises:
        ConfigError: there are no label ends.
        DataError: there is not one value per bar, or a label ends before its bar is known.
    """
    value, end = _parts(values)
    if len(value) != len(bars) or len(end) != len(bars):
        raise DataError(
            f"target must have one value and one label end per bar, got {len(value):,} and {len(end):,} for "
            f"{len(bars):,} bars."
        )
    try:
        target = value.cast(pl.Float64).fill_nan(None)
    except pl.exceptions.PolarsError as error:
        raise DataError(f"target must be numbers, got {value.dtype}.") from error
    if target.is_infinite().any():
        raise DataError("target must be finite, or NaN where there is none, got infinity.")
    labels = pl.DataFrame({"forward_return": target, "label_end": _utc(end)})
    both = pl.all_horizontal(pl.all().is_not_null())
    labels = labels.with_columns(pl.when(both).then(pl.all()))
    return labels.with_columns(_open_return(bars, labels))


def _parts(values: Any) -> tuple[pl.Series, pl.Series]:
    if isinstance(values, tuple) and len(values) == 2:
        return pl.Series("target", values[0]), pl.Series("label_end", values[1])
    columns = getattr(values, "columns", values.keys() if isinstance(values, Mapping) else ())
    if {"target", "label_end"} <= set(columns):
        return pl.Series("target", values["target"]), pl.Series("label_end", values["label_end"])
    raise ConfigError(f"{NEED} Got {type(values).__name__}.")


def _utc(end: pl.Series) -> pl.Series:
    if end.dtype.is_integer():
        return end.cast(pl.Int64).cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")
    if not isinstance(end.dtype, pl.Datetime):
        raise DataError(f"label_end must be times, or integers (nanoseconds UTC), got {end.dtype}.")
    zoned = end.dt.replace_time_zone("UTC") if end.dtype.time_zone is None else end.dt.convert_time_zone("UTC")
    return zoned.dt.cast_time_unit("ns")


def _open_return(bars: Bars, labels: pl.DataFrame) -> pl.Series:
    """The return from the next open to the close at which the label ends, where the target is such a return from its
    own close; the target itself where it is something else."""
    close_B, open_B = (bars.frame[name].to_numpy() for name in ("close", "open"))
    known_at_B = bars.frame["known_at"].dt.cast_time_unit("ns").to_physical().to_numpy()
    end_B = labels["label_end"].to_physical().fill_null(-1).to_numpy()
    place_B = np.minimum(np.searchsorted(known_at_B, end_B), len(bars) - 1)
    value_B = labels["forward_return"].to_numpy()
    has_B = ~np.isnan(value_B)
    if (known_at_B[place_B] == end_B)[has_B].all() and np.allclose(
        value_B[has_B], (close_B[place_B] / close_B - 1.0)[has_B], rtol=1e-6, atol=1e-9
    ):
        value_B = np.where(has_B, close_B[place_B] / np.r_[open_B[1:], np.nan] - 1.0, np.nan)
    return pl.Series("open_return", value_B).fill_nan(None)
