"""Stage 4, times → folds: purged by the time at which labels end."""

from tailproof.splits.chronological import chronological

__all__ = ["chronological"]
