"""Parts of the bars that no feature of a kind reads across, so that each can be cut in the same evaluation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from tailproof.audit.difference import ROUNDING, differing_rows, numbers, spread_of
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


@dataclass(frozen=True, kw_only=True)
class RegionCuts:
    """A feature on all bars, any of whose regions can be cut at once."""

    bars: Bars
    noise: Bars
    feature: Feature
    value_N: np.ndarray
    spread: float
    regions: Regions

    @classmethod
    def of(cls, bars: Bars, noise: Bars, feature: Feature, random: np.random.Generator) -> RegionCuts:
        """The feature computed on the bars; ``noise`` holds what later bars are replaced by."""
        value_N = numbers(compute(bars, [feature])[feature.name])
        return cls(
            bars=bars,
            noise=noise,
            feature=feature,
            value_N=value_N,
            spread=spread_of(value_N),
            regions=regions_of(feature, bars, random),
        )

    def change(self, row_R: np.ndarray, *, removed: bool) -> Change | None:
        """The last row at or before one of ``row_R`` that moves when the rest of that row's region is taken away."""
        group_R = np.searchsorted(self.regions.stop_G, row_R, side="right")
        last_R = row_R < self.regions.stop_G[group_R] - 1
        row_R, group_R = row_R[last_R], group_R[last_R]
        if not len(row_R):
            return None
        later_N = _between(row_R + 1, self.regions.stop_G[group_R], len(self.bars))
        kept_R = np.flatnonzero(_between(self.regions.start_G[group_R], row_R + 1, len(self.bars)))
        place_R = kept_R - np.cumsum(later_N)[kept_R] if removed else kept_R
        other_R = self._values_without(later_N, removed=removed)[place_R]
        index_R = differing_rows(self.value_N[kept_R], other_R, spread=self.spread, share=ROUNDING)
        if not len(index_R):
            return None
        # The one nearest to its cut shows best which bar it saw.
        cut_R = row_R[np.searchsorted(row_R, kept_R[index_R])]
        index = int(index_R[np.argmin(cut_R - kept_R[index_R])])
        row = int(kept_R[index])
        return Change(row=row, values=(float(self.value_N[row]), float(other_R[index])), removed=removed)

    def _values_without(self, later_N: np.ndarray, *, removed: bool) -> np.ndarray:
        """The feature where the later bars are removed, or else replaced by noise."""
        later = pl.Series(later_N)
        other = (
            Bars(frame=self.bars.frame.filter(~later), bar_length=self.bars.bar_length, source=self.bars.source)
            if removed
            else spliced(self.bars, self.noise, later)
        )
        return numbers(compute(other, [self.feature])[self.feature.name])


def _between(start_R: np.ndarray, stop_R: np.ndarray, rows: int) -> np.ndarray:
    """Whether each row lies in one of the ranges, which do not overlap."""
    edge_N = np.zeros(rows + 1, dtype=np.int32)
    np.add.at(edge_N, start_R, 1)
    np.add.at(edge_N, stop_R, -1)
    inside_N: np.ndarray = np.cumsum(edge_N[:-1]) > 0
    return inside_N
