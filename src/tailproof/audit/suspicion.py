"""Where a feature that knows the future would show it: rows chosen by the data, after which the bars are cut."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from tailproof.core.records import Bars
from tailproof.statistics.ranks import standard_ranks


def next_return(bars: Bars) -> np.ndarray:
    """Return from the close of each bar to the next close in its segment; NaN at the segment's last bar."""
    move = (pl.col("close").shift(-1) / pl.col("close") - 1.0).over("segment")
    return bars.frame.select(move).to_series().cast(pl.Float64).to_numpy()


def suspicions(
    bars: Bars, value_N: np.ndarray, next_N: np.ndarray, random: np.random.Generator
) -> Iterator[np.ndarray]:
    """Scores of every row, one suspicion after the other; NaN where a row is of no interest.

    The rank of the feature times the rank of the next return, either sign; rare values; values that stand out from
    their neighbours; large moves ahead; large volume; the first and the last bars of a segment; chance.
    """
    tie_N = random.random(len(value_N))
    both_N = _rank(value_N) * _rank(next_N)
    yield both_N
    yield -both_N
    yield tie_N - _occurrences(value_N)
    step_N = np.abs(np.diff(value_N, prepend=np.nan))
    after_N = np.append(step_N[1:], np.nan)
    across_N = np.abs(np.append(value_N[1:], np.nan) - np.append(np.nan, value_N[:-1]))
    yield step_N + after_N - across_N
    yield np.abs(next_N)
    if "volume" in bars.frame.columns:
        yield bars.frame["volume"].cast(pl.Float64).to_numpy() + tie_N
    row_N = np.arange(len(value_N), dtype=np.float64)
    segment_N = bars.frame["segment"].to_numpy()
    yield -(row_N - np.searchsorted(segment_N, segment_N))
    yield np.where(row_N < np.searchsorted(segment_N, segment_N, side="right") - 1, row_N, np.nan)
    yield tie_N


def _rank(value_N: np.ndarray) -> np.ndarray:
    """Standard ranks of the finite values, NaN elsewhere."""
    rank_N = np.full(len(value_N), np.nan)
    finite_N = np.isfinite(value_N)
    if finite_N.any():
        rank_N[finite_N] = standard_ranks(value_N[finite_N])
    return rank_N


def _occurrences(value_N: np.ndarray) -> np.ndarray:
    """How often the value of each row occurs; NaN where it is not known."""
    counted = pl.DataFrame({"value": value_N}).select(pl.len().over("value").cast(pl.Float64)).to_series().to_numpy()
    return np.where(np.isnan(value_N), np.nan, counted)
