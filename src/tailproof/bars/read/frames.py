"""Frames of either library as polars frames."""

from __future__ import annotations

from typing import Any

import polars as pl

from tailproof.bars.read.column_levels import names_of_one
from tailproof.bars.read.csv_layout import apart
from tailproof.core.errors import DataError


def as_polars(frame: pl.DataFrame | Any, *, name: str, instrument: str | None = None) -> pl.DataFrame:
    """A polars or pandas frame as a polars one; a pandas index that is not just a count becomes columns.

    Columns of several levels, as yfinance gives them, become those of one instrument.

    Raises:
        DataError: it is something else, or the columns hold several instruments.
    """
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if type(frame).__module__.split(".")[0] == "pandas" and hasattr(frame, "columns"):
        return pl.from_pandas(_with_index(frame, name=name, instrument=instrument))
    raise DataError(f"{name} must be a path, or a polars or pandas frame, got {type(frame).__name__}.")


def _with_index(frame: Any, *, name: str, instrument: str | None) -> Any:
    """A pandas frame whose index is columns, periods are the times at which they start, and no name stands twice."""
    if getattr(frame.columns, "nlevels", 1) > 1:
        frame = _one_level(frame, name=name, instrument=instrument)
    frame = frame.copy(deep=False)
    frame.columns = apart([str(column) for column in frame.columns])
    if frame.index.dtype.name.startswith("period"):
        frame.index = frame.index.to_timestamp()
    periods = {column: kind for column, kind in frame.dtypes.items() if str(kind).startswith("period")}
    frame = frame.assign(**{column: frame[column].dt.to_timestamp() for column in periods})
    if frame.index.nlevels == 1 and frame.index.name is None and frame.index.dtype.kind in "iu":
        return frame.reset_index(drop=True)  # no more than a count
    levels = [part or ("time" if at == 0 else f"index_{at}") for at, part in enumerate(frame.index.names)]
    taken = set(frame.columns)
    return frame.reset_index(names=[f"index ({level})" if level in taken else level for level in levels])


def _one_level(frame: Any, *, name: str, instrument: str | None) -> Any:
    """The columns of one instrument, under the names of the level that holds prices."""
    levels = [[str(label) for label in frame.columns.get_level_values(at)] for at in range(frame.columns.nlevels)]
    chosen = names_of_one(levels, instrument=instrument, source=name)
    place_K = [at for at, own in enumerate(chosen.own) if own]
    one = frame.iloc[:, place_K].copy()
    one.columns = [chosen.names[at] for at in place_K]
    return one
