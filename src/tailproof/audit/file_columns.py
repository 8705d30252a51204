"""Columns that came with the file cannot be audited: what they knew, and when, was decided before they were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from tailproof.audit.difference import ROUNDING, differing_rows, numbers, spread_of
from tailproof.audit.noise import MARKS, noise_around
from tailproof.core.records import PRICES, Bars
from tailproof.features import Feature, compute, is_own

OF_BARS = frozenset((*MARKS, *PRICES, "volume"))
"""Columns that a bar is made of."""


def unaudited_features(
    bars: Bars, features: Sequence[Feature], *, merged: Sequence[str], random: np.random.Generator
) -> dict[str, tuple[str, ...]]:
    """The columns from the file, beyond those of a bar, that each feature reads; features that read none are left out.

    Args:
        bars: the bars, with all series merged into them.
        features: those of the run.
        merged: columns whose source is known, which the audit holds to the time at which they were known.
        random: draws what the columns are replaced by where a function may read them off the frame.
    """
    columns = [name for name in bars.frame.columns if name not in OF_BARS and name not in merged]
    if not columns:
        return {}
    read = {
        feature.name: _read_by_function(bars, feature, columns, random)
        if is_own(feature) and not isinstance(feature.expression, pl.Expr)
        else [column for column in columns if column in feature.needs]
        for feature in features
    }
    return {name: tuple(own) for name, own in read.items() if own}


def _read_by_function(bars: Bars, feature: Feature, columns: Sequence[str], random: np.random.Generator) -> list[str]:
    """Columns that its expression names, and those with which its values change."""
    noise = noise_around(bars, random).frame
    value_N = numbers(compute(bars, [feature])[feature.name])

    def changes_with(names: Sequence[str]) -> bool:
        other = replace(bars, frame=bars.frame.with_columns(noise[name] for name in names))
        other_N = numbers(compute(other, [feature])[feature.name])
        return bool(len(differing_rows(value_N, other_N, spread=spread_of(value_N), share=ROUNDING)))

    unnamed = [column for column in columns if column not in feature.needs]
    if not unnamed or not changes_with(unnamed):
        return [column for column in columns if column in feature.needs]
    return [column for column in columns if column in feature.needs or changes_with([column])]
