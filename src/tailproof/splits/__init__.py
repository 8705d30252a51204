"""Stage 4, times → folds: purged by the time at which labels end."""

from tailproof.splits.chronological import chronological
from tailproof.splits.combinatorial import combinatorial_purged, ranges_of, rows_of
from tailproof.splits.embargo import Embargo
from tailproof.splits.own_folds import own_folds
from tailproof.splits.splitters import CombinatorialPurged, WalkForward
from tailproof.splits.units import Unit
from tailproof.splits.walk_forward import Window, latest_window, walk_forward

__all__ = [
    "CombinatorialPurged",
    "Embargo",
    "Unit",
    "WalkForward",
    "Window",
    "chronological",
    "combinatorial_purged",
    "latest_window",
    "own_folds",
    "ranges_of",
    "rows_of",
    "walk_forward",
]
