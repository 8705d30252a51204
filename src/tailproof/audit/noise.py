"""Bars that never were: noise to stand in for the future, and whole histories of other prices at the same times."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from tailproof.core.records import Bars

MARKS = ("time", "known_at", "session", "segment")
"""Columns that stay as they are: when a bar was, and which bars belong together."""
SIZE = 0.05
"""Standard deviation of the noise of log prices: far beyond any bar of an hour or less."""


def noise_around(bars: Bars, random: np.random.Generator) -> Bars:
    """Every bar drawn anew: prices lognormal around its own close, every other column that of another row, and noise.

    High and low lie where they belong. Other columns keep their scale and their share of empty cells, so that a
    condition such as ``volume > 5000`` holds about as often as before, in other places; no number stays what it was.
    """
    return _with(bars, bars.frame["close"].to_numpy() * np.exp(_normal(bars, random)), random)


def other_history(bars: Bars, random: np.random.Generator) -> Bars:
    """Bars at the same times that know nothing of the real ones: their returns are the real ones in another order."""
    log_N = np.log(bars.frame["close"].to_numpy())
    step_N = random.permutation(np.diff(log_N, prepend=log_N[0])) * random.choice([-1.0, 1.0], size=len(bars))
    return _with(bars, np.exp(log_N[0] + np.cumsum(step_N)), random)


def with_noise(bars: Bars, start: int, stop: int, random: np.random.Generator) -> Bars:
    """The bars with the rows ``start`` to ``stop`` replaced by noise around them; times, sessions, segments stay."""
    if stop <= start:
        return bars
    rows = replace(bars, frame=bars.frame.slice(start, stop - start))
    parts = [bars.frame[:start], noise_around(rows, random).frame, bars.frame[stop:]]
    return replace(bars, frame=pl.concat(parts))


def spliced(bars: Bars, noise: Bars, replaced: pl.Series, columns: frozenset[str] | None = None) -> Bars:
    """The bars with the rows in ``replaced`` (bool) taken from ``noise``; ``columns`` names those that will be read."""
    taken = [
        column.zip_with(replaced, bars.frame[column.name])
        for column in noise.frame
        if column.name not in MARKS and (columns is None or column.name in columns)
    ]
    return replace(bars, frame=bars.frame.with_columns(taken))


def _normal(bars: Bars, random: np.random.Generator) -> np.ndarray:
    return random.standard_normal(len(bars)) * SIZE


def _with(bars: Bars, close_N: np.ndarray, random: np.random.Generator) -> Bars:
    """Bars with these closes, opens and ranges drawn around them, and the other columns of rows in another order."""
    reach_N = np.abs(_normal(bars, random)) * 0.5
    open_N = close_N * np.exp(random.uniform(-1.0, 1.0, len(bars)) * reach_N)
    prices = {
        "open": open_N,
        "high": np.maximum(open_N, close_N) * (1.0 + reach_N * 0.5),
        "low": np.minimum(open_N, close_N) * (1.0 - reach_N * 0.25),
        "close": close_N,
    }
    row_N = pl.Series(random.permutation(len(bars)))
    columns = []
    for column in bars.frame:
        if column.name in prices:
            columns.append(pl.Series(column.name, prices[column.name]).cast(column.dtype))
        elif column.name not in MARKS:
            columns.append(_moved(column.gather(row_N), random))
    return replace(bars, frame=bars.frame.with_columns(columns))


def _moved(column: pl.Series, random: np.random.Generator) -> pl.Series:
    """The values with every number changed in size; anything that is not a number stays."""
    if not column.dtype.is_numeric():
        return column
    number_N = column.cast(pl.Float64).to_numpy()
    finite_N = number_N[np.isfinite(number_N)]
    deviation = float(finite_N.std()) if len(finite_N) else 0.0
    size_N = np.exp(random.standard_normal(len(column)) * 0.5)
    moved_N = number_N * size_N + np.abs(random.standard_normal(len(column))) * deviation
    moved = pl.Series(column.name, np.ceil(moved_N) if column.dtype.is_integer() else moved_N, nan_to_null=True)
    return moved.cast(column.dtype, strict=False)
