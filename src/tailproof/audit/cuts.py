"""Where the audit cuts the bars in two: at random, at session edges, right after gaps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tailproof.audit.probe import Cut, Kind, filled_gaps, segment_starts, session_starts
from tailproof.core.records import Bars
from tailproof.features import Feature

SPARE = 64
"""Rows beyond the longest look-back, so that many rows of a stretch have values to compare."""
LATER = (1, 8, 400, 3000)
"""Numbers of later bars shown, in turn: a leak may look one bar ahead or to the end of the session."""


def history_start(row: int, features: Sequence[Feature], starts_S: np.ndarray, *, spare: int = 0) -> int:
    """First row that any of the features may read for its value at ``row``, less ``spare``."""
    bars_back = max((feature.look_back or 0 for feature in features), default=0)
    sessions = max((feature.look_back_sessions for feature in features), default=0)
    first = row - bars_back
    if sessions:
        session = int(np.searchsorted(starts_S, row, side="right")) - 1
        first = min(first, int(starts_S[max(session - sessions + 1, 0)]))
    return max(first - spare, 0)


def choose_cuts(bars: Bars, features: Sequence[Feature], *, count: int, random: np.random.Generator) -> list[Cut]:
    """``count`` cuts spread over the kinds, each in a stretch just long enough for the features."""
    rows = len(bars)
    starts_S = session_starts(bars)
    places = _places(bars, starts_S, count=count, random=random)
    cuts = []
    for index, (at, kind) in enumerate(places):
        left = history_start(at, features, starts_S, spare=SPARE)
        cuts.append(Cut(left=left, at=at, right=min(at + LATER[index % len(LATER)], rows), kind=kind))
    return cuts


def _places(bars: Bars, starts_S: np.ndarray, *, count: int, random: np.random.Generator) -> list[tuple[int, Kind]]:
    rows = len(bars)
    edges = starts_S[1:]
    kinds: dict[Kind, np.ndarray] = {
        "session edge": np.unique(np.r_[edges, edges + 1]) if len(edges) else edges,
        "after a gap": segment_starts(bars)[1:] + 2,
        "before a filled gap": filled_gaps(bars),
    }
    places: list[tuple[int, Kind]] = []
    for kind, row_R in kinds.items():
        usable_R = row_R[(row_R > 0) & (row_R < rows)]
        chosen_R = random.choice(usable_R, size=min(count // 4, len(usable_R)), replace=False)
        places += [(int(row), kind) for row in chosen_R]
    random_R = random.integers(1, rows, size=max(count - len(places), 1))
    return places + [(int(row), "random") for row in random_R]
