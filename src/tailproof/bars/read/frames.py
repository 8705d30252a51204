"""Frames of either library as polars frames."""

from __future__ import annotations

from typing import Any

import polars as pl

from tailproof.core.errors import DataError


def as_polars(frame: pl.DataFrame | Any, *, name: str) -> pl.DataFrame:
    """A polars or pandas frame as a polars one; a pandas index that is not just a count becomes a column.

    Raises:
        DataError: it is something else.
    """
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if type(frame).__module__.split(".")[0] == "pandas" and hasattr(frame, "reset_index"):
        counted = frame.index.name is None and frame.index.dtype.kind in "iu"
        return pl.from_pandas(frame if counted else frame.reset_index(names=frame.index.name or "time"))
    raise DataError(f"{name}: bars come from a path, a polars or a pandas frame, however: {type(frame).__name__}.")
