"""Maps fat-tailed returns to the targets that the network learns, and back."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class TargetTransform(Protocol):
    """Maps raw forward returns to targets and back."""

    def transform(self, return_N: np.ndarray) -> np.ndarray:
        """Targets (float64) of raw returns."""
        ...

    def inverse(self, target_N: np.ndarray) -> np.ndarray:
        """Raw returns (float64) of targets."""
        ...

    def as_json(self) -> dict[str, Any]:
        """Plain types from which the transform can be made again, to a stated accuracy."""
        ...
