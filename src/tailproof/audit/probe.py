"""Stretches of bars on which a question is asked, and the rows at which something begins in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from tailproof.core.records import Bars

Kind = Literal["random", "session edge", "after a gap", "before a filled gap", "whole"]


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Bars ``left`` to ``right``; those from ``at`` on are treated as the future."""

    left: int
    at: int
    right: int
    kind: Kind


def stretch(bars: Bars, left: int, right: int) -> Bars:
    """Rows ``left`` to ``right`` of the bars."""
    return Bars(frame=bars.frame.slice(left, right - left), bar_length=bars.bar_length, source=bars.source)


def session_starts(bars: Bars) -> np.ndarray:
    """Rows at which a session begins."""
    return _changes(bars.frame["session"])


def segment_starts(bars: Bars) -> np.ndarray:
    """Rows at which an unbroken stretch begins."""
    return _changes(bars.frame["segment"])


def filled_gaps(bars: Bars) -> np.ndarray:
    """Rows with a value in a column that was empty one row above: where filling backward would show."""
    numbers = [
        name for name, kind in bars.frame.schema.items() if kind.is_numeric() and bars.frame[name].null_count() > 0
    ]
    if not numbers:
        return np.empty(0, dtype=np.int64)
    filled = pl.any_horizontal(pl.col(name).is_not_null() & pl.col(name).shift(1).is_null() for name in numbers)
    row_R = bars.frame.select(filled.arg_true()).to_series().to_numpy()
    return row_R[row_R > 0].astype(np.int64)


def _changes(column: pl.Series) -> np.ndarray:
    numbers_N = column.to_numpy()
    return np.flatnonzero(np.r_[True, numbers_N[1:] != numbers_N[:-1]])
