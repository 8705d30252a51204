"""Figures of a verdict as functions of sums, so that a replicate is the same function of resampled sums."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tailproof.core.verdict import Interval
from tailproof.evaluation.block_length import block_length
from tailproof.evaluation.bootstrap import (
    FEWEST_GROUPS,
    no_interval,
    percentile_interval,
    resampled_sums,
)
from tailproof.evaluation.calibration import slope_from_sums

Sums = Mapping[str, np.ndarray]
Figure = Callable[[Sums], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Resampled:
    """Totals of named sums, and their replicates from the same drawn groups."""

    total: Sums
    """0-dimensional: the sum over all groups."""
    replicates: Sums
    """One value a replicate; empty where there are too few groups to draw from."""
    by_group: Sums
    groups: int
    mean_block: float
    replications: int

    @classmethod
    def of(cls, sums_G: Sums, score_G: np.ndarray, *, replications: int, rng: np.random.Generator) -> Resampled:
        """Resample; ``score_G`` decides the block length.

        >>> sums = {"rows": np.full(50, 10.0), "model rank product": np.arange(50.0)}
        >>> drawn = Resampled.of(sums, np.arange(50.0) % 7, replications=100, rng=np.random.default_rng(0))
        >>> drawn.interval(rank_ic_of("model")).value
        2.45
        """
        groups = len(score_G)
        mean_block = block_length(score_G)
        enough = groups >= FEWEST_GROUPS
        replicates = resampled_sums(sums_G, replications=replications, mean_block=mean_block, rng=rng) if enough else {}
        total = {name: np.asarray(sum_G.sum()) for name, sum_G in sums_G.items()}
        return cls(
            total=total,
            replicates=replicates,
            by_group=sums_G,
            groups=groups,
            mean_block=mean_block,
            replications=replications if enough else 0,
        )

    def interval(self, figure: Figure) -> Interval:
        """A figure with its interval, without bounds where there are too few groups."""
        value = float(figure(self.total))
        if not self.replicates:
            return no_interval(value)
        return percentile_interval(value, figure(self.replicates), independent=self.groups / self.mean_block)


def rank_ic_of(name: str) -> Figure:
    """Pooled rank IC of a forecaster."""
    return lambda sums: sums[f"{name} rank product"] / sums["rows"]


def rank_ic_above(name: str, other: str) -> Figure:
    """Pooled rank IC of one forecaster less that of another; one that never varies counts as 0."""

    def figure(sums: Sums) -> np.ndarray:
        other_ic = np.nan_to_num(sums[f"{other} rank product"] / sums["rows"])
        return np.asarray(sums[f"{name} rank product"] / sums["rows"] - other_ic)

    return figure


def skill_of(name: str, other: str, *, loss: str) -> Figure:
    """1 - loss of one forecaster / loss of another."""
    return lambda sums: 1.0 - sums[f"{name} {loss}"] / sums[f"{other} {loss}"]


def late_rank_ic(sums: Sums) -> np.ndarray:
    """Rank IC with the returns of one bar later; NaN where no session has two rows."""
    rows = sums["late rows"]
    return np.asarray(np.where(rows > 0.0, sums["late rank product"] / np.maximum(rows, 1.0), math.nan))


def hit_rate_excess(sums: Sums) -> np.ndarray:
    """Hit rate less the hit rate of forecasts that say up as often, but at random (Pesaran and Timmermann 1992)."""
    moved = np.maximum(sums["moved"], 1.0)
    up, said = sums["up"] / moved, sums["said up"] / moved
    return np.asarray(sums["hits"] / moved - (up * said + (1.0 - up) * (1.0 - said)))


def calibration_slope(sums: Sums) -> np.ndarray:
    """Slope of target on forecast."""
    return slope_from_sums(
        sums["rows"], sums["prediction"], sums["target"], sums["prediction squared"], sums["prediction target"]
    )
