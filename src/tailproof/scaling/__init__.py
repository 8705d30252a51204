"""Stage 5: scaling, fitted on a fold's training rows only."""

from tailproof.scaling.robust import RobustScaler

__all__ = ["RobustScaler"]
