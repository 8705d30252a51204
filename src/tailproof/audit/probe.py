"""Stretches of bars on which a question is asked, and bars whose later part is something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from tailproof.core.records import Bars

MARKS = ("session", "segment")
PRICES = ("open", "high", "low", "close")
Kind = Literal["random", "session edge", "after a gap", "before a filled gap", "whole"]


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Bars ``left`` to ``right``, of which those from ``at`` on are taken as the future."""

    left: int
    at: int
    right: int
    kind: Kind


def stretch(bars: Bars, left: int, right: int) -> Bars:
    """Rows ``left`` to ``right`` of the bars."""
    return Bars(frame=bars.frame.slice(left, right - left), bar_length=bars.bar_length, source=bars.source)


def with_noise(bars: Bars, start: int, stop: int, random: np.random.Generator) -> Bars:
    """Every number of the rows ``start`` to ``stop`` drawn anew; times, sessions and segments stay.

    Prices are lognormal around the last price before, with high and low where they belong; every other number is
    multiplied by a lognormal of its own, empty cells included (they get a number near 1).
    """
    frame, rows = bars.frame, stop - start
    if rows <= 0:
        return bars
    last = float(frame["close"][max(start - 1, 0)])
    drawn_4N = last * np.exp(random.standard_normal((4, rows)) * 0.05)
    noise = {
        "open": drawn_4N[0],
        "close": drawn_4N[1],
        "high": drawn_4N.max(axis=0),
        "low": drawn_4N.min(axis=0),
    }
    for name, kind in frame.schema.items():
        if name in PRICES or name in MARKS or not kind.is_numeric():
            continue
        old_N = frame[name].slice(start, rows).cast(pl.Float64).fill_null(1.0).to_numpy()
        noise[name] = (np.abs(old_N) + 1.0) * np.exp(random.standard_normal(rows))
    replaced = [_splice(frame[name], start, values_N) for name, values_N in noise.items() if name in frame.columns]
    return Bars(frame=frame.with_columns(replaced), bar_length=bars.bar_length, source=bars.source)


def _splice(column: pl.Series, start: int, values_N: np.ndarray) -> pl.Series:
    middle = pl.Series(column.name, values_N).cast(column.dtype)
    return pl.concat([column[:start], middle, column[start + len(values_N) :]]).rename(column.name)


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
