"""Parts of the bars that no feature of a kind reads across, so that each can be cut in the same evaluation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from tailproof.audit.difference import ROUNDING, differing_rows, numbers
from tailproof.audit.noise import spliced
from tailproof.audit.probe import segment_starts, session_starts
from tailproof.core.records import Bars
from tailproof.features import Feature, compute


@dataclass(frozen=True, kw_only=True)
class Regions:
    """Consecutive rows ``start_G`` to ``stop_G`` of each region."""

    start_G: np.ndarray
    stop_G: np.ndarray

    def rows_with_largest(self, score_N: np.ndarray) -> np.ndarray:
        """The row of each region at which a score is largest; regions whose scores are all NaN are left out."""
        best_R = []
        for start, stop in zip(self.start_G.tolist(), self.stop_G.tolist(), strict=True):
            score_R = score_N[start:stop]
            if not np.isnan(score_R).all():
                best_R.append(start + int(np.nanargmax(score_R)))
        return np.array(best_R, dtype=np.int64)


def regions_of(feature: Feature, bars: Bars, random: np.random.Generator) -> Regions:
    """Segments; for a feature that crosses them, sessions as far apart as it reads, or all bars at once."""
    if feature.look_back_sessions and feature.look_back is not None:
        start_S = np.append(session_starts(bars), len(bars))
        apart = feature.look_back_sessions + (1 if feature.crosses or feature.times == "session" else 0)
        chosen_S = np.arange(int(random.integers(min(apart, len(start_S) - 1))), len(start_S) - 1, apart)
        return Regions(start_G=start_S[chosen_S], stop_G=start_S[chosen_S + 1])
    if feature.crosses is not None or feature.times == "session":
        return Regions(start_G=np.array([0]), stop_G=np.array([len(bars)]))
    start_G = segment_starts(bars)
    return Regions(start_G=start_G, stop_G=np.append(start_G[1:], len(bars)))


@dataclass(frozen=True, kw_only=True)
class Change:
    """A row whose value moved with bars after it: that is a finding, whatever the feature reads."""

    row: int
    values: tuple[float, float]
    removed: bool
    """Whether the later bars were removed, or else replaced by noise."""


def changes_before(
    bars: Bars,
    noise: Bars,
    feature: Feature,
    value_N: np.ndarray,
    *,
    spread: float,
    regions: Regions,
    row_R: np.ndarray,
    removed: bool,
) -> Change | None:
    """The last row at or before one of ``row_R`` that moves when the rest of that row's region is taken away."""
    group_R = np.searchsorted(regions.stop_G, row_R, side="right")
    last_R = row_R < regions.stop_G[group_R] - 1
    row_R, group_R = row_R[last_R], group_R[last_R]
    if not len(row_R):
        return None
    later_N = _between(row_R + 1, regions.stop_G[group_R], len(bars))
    kept_R = np.flatnonzero(_between(regions.start_G[group_R], row_R + 1, len(bars)))
    if removed:
        other_N = numbers(_without(bars, later_N, feature))
        place_R = kept_R - np.cumsum(later_N)[kept_R]
    else:
        other_N = numbers(compute(spliced(bars, noise, pl.Series(later_N)), [feature])[feature.name])
        place_R = kept_R
    index_R = differing_rows(value_N[kept_R], other_N[place_R], spread=spread, share=ROUNDING)
    if not len(index_R):
        return None
    # The one nearest to its cut shows best which bar it saw.
    cut_R = row_R[np.searchsorted(row_R, kept_R[index_R])]
    index = int(index_R[np.argmin(cut_R - kept_R[index_R])])
    row = int(kept_R[index])
    return Change(row=row, values=(float(value_N[row]), float(other_N[place_R[index]])), removed=removed)


def _without(bars: Bars, later_N: np.ndarray, feature: Feature) -> pl.Series:
    left = Bars(frame=bars.frame.filter(pl.Series(~later_N)), bar_length=bars.bar_length, source=bars.source)
    return compute(left, [feature])[feature.name]


def _between(start_R: np.ndarray, stop_R: np.ndarray, rows: int) -> np.ndarray:
    """Whether each row lies in one of the ranges, which do not overlap."""
    edge_N = np.zeros(rows + 1, dtype=np.int32)
    np.add.at(edge_N, start_R, 1)
    np.add.at(edge_N, stop_R, -1)
    inside_N: np.ndarray = np.cumsum(edge_N[:-1]) > 0
    return inside_N
