"""Published values as they stood: each publication with the values of the newest periods as they were known then."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence

import numpy as np
import polars as pl

USUAL = 12
"""Periods before the newest over which its usual value is taken: a year of months."""
MIN_USUAL = 3
"""Fewer known periods before the newest give no usual value."""


def before(column: str) -> str:
    """The column with the value of the period before the newest, as it stood."""
    return f"{column} before"


def usual(column: str) -> str:
    """The column with the mean of up to USUAL periods before the newest, as they stood."""
    return f"{column} usual"


def as_it_stood(published: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """One row per publication: the newest period's value as it stood then, the one before it, and the usual one.

    Several rows for one period are its vintages: the one known last is in force. A publication that revises an older
    period alone leaves the newest value as it was, and changes what it is compared with.

    Args:
        published: ``time`` (the period), ``known_at`` (rising) and the columns.
        columns: of values.
    """
    time_K = published["time"].cast(pl.Int64).to_numpy()
    value_KC = published.select(pl.col(name).cast(pl.Float64) for name in columns).to_numpy().astype(np.float64)
    known_K = published["known_at"].cast(pl.Int64).to_numpy()
    if (np.diff(time_K) > 0).all() and (np.diff(known_K) > 0).all():
        row_E, state_EPC = np.arange(len(time_K)), _sliding(value_KC)
    else:
        row_E, state_EPC = _with_vintages(time_K, known_K, value_KC)
    frame = published.select("time", "known_at")[row_E]
    values = []
    for at, name in enumerate(columns):
        values += [
            pl.Series(name, state_EPC[:, 0, at], nan_to_null=True),
            pl.Series(before(name), state_EPC[:, 1, at], nan_to_null=True),
            pl.Series(usual(name), _usual(state_EPC[:, 1:, at]), nan_to_null=True),
        ]
    return frame.with_columns(values)


def _usual(value_EP: np.ndarray) -> np.ndarray:
    """The mean of the known values of each row, added up in a fixed order; NaN where fewer than MIN_USUAL are known."""
    known_EP = ~np.isnan(value_EP)
    count_E = known_EP.sum(axis=1)
    total_E = np.zeros(len(value_EP))
    for period in range(value_EP.shape[1]):
        total_E += np.where(known_EP[:, period], value_EP[:, period], 0.0)
    mean_E: np.ndarray = np.where(count_E >= MIN_USUAL, total_E / np.maximum(count_E, 1), np.nan)
    return mean_E


def _sliding(value_KC: np.ndarray) -> np.ndarray:
    """The newest period and the USUAL before it, newest first, where every row is a new period."""
    padded = np.vstack([np.full((USUAL, value_KC.shape[1]), np.nan), value_KC])
    view_KCP = np.lib.stride_tricks.sliding_window_view(padded, USUAL + 1, axis=0)
    return np.swapaxes(view_KCP[:, :, ::-1], 1, 2)


def _with_vintages(time_K: np.ndarray, known_K: np.ndarray, value_KC: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The last row of each publication, and the values of the newest periods after it."""
    periods: list[int] = []
    value_of: dict[int, np.ndarray] = {}
    rows, states = [], []
    for row, (period, known) in enumerate(zip(time_K.tolist(), known_K.tolist(), strict=True)):
        if period not in value_of:
            insort(periods, period)
        value_of[period] = value_KC[row]
        if row + 1 < len(known_K) and known_K[row + 1] == known:
            continue
        state_PC = np.full((USUAL + 1, value_KC.shape[1]), np.nan)
        newest = periods[: -USUAL - 2 : -1]
        state_PC[: len(newest)] = [value_of[each] for each in newest]
        rows.append(row)
        states.append(state_PC)
    return np.array(rows), np.array(states)
