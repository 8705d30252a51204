"""Slices of the rows as the verdict holds them: means with their intervals, as arrays to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tailproof.report.findings import number


@dataclass(frozen=True, kw_only=True)
class SliceMeans:
    """One value per slice, with a 95 % interval (NaN where there is none)."""

    names: tuple[str, ...]
    rows_G: np.ndarray
    mean_G: np.ndarray
    low_G: np.ndarray
    high_G: np.ndarray


def slice_means(slices: Sequence[dict[str, Any]], *, value: str, low: str = "low", high: str = "high") -> SliceMeans:
    """Read slices of verdict.json; bounds that an older run did not write are NaN.

    >>> slice_means([{"name": "00:00", "rows": 3, "rank_ic": 0.1}], value="rank_ic").low_G.tolist()
    [nan]
    """
    value_G, low_G, high_G = (np.array([number(each.get(key)) for each in slices]) for key in (value, low, high))
    return SliceMeans(
        names=tuple(str(each.get("name", "")) for each in slices),
        rows_G=np.array([number(each.get("rows")) for each in slices]),
        mean_G=value_G,
        low_G=low_G,
        high_G=high_G,
    )


def interval(means: SliceMeans) -> str:
    """The clause on the intervals that a figure shows, or on why it shows none.

    >>> interval(slice_means([{"rows": 1, "rank_ic": 0.1}], value="rank_ic"))
    ', too few sessions for an interval'
    """
    known_G = np.isfinite(means.low_G)
    if not known_G.any():
        return ", too few sessions for an interval"
    few = "" if known_G.all() else " (none for fewer than 10 of them)"
    return f", with 95 % intervals that let rows of one session (or month of daily bars) move together{few}"
