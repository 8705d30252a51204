"""The task ``raw``: the forward return in standard deviations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tailproof.core.errors import ConfigError
from tailproof.models.network import Head
from tailproof.objectives import huber_objective
from tailproof.tasks.forward_return import forward_return
from tailproof.tasks.task import Task, follow_predicted_return


@dataclass(frozen=True, kw_only=True)
class RawTransform:
    """The return in units of its standard deviation on the training rows: fat tails and all."""

    scale: float

    @classmethod
    def fit(cls, return_N: np.ndarray) -> RawTransform:
        """Standard deviation of training returns.

        Raises:
            ConfigError: all returns are equal.
        """
        if return_N.min() == return_N.max():
            raise ConfigError(f"the target must vary on the training rows, got {len(return_N)} equal returns.")
        return cls(scale=float(np.std(return_N)))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> RawTransform:
        """The transform that ``as_json`` described.

        >>> RawTransform.from_json(RawTransform(scale=2.0).as_json())
        RawTransform(scale=2.0)
        """
        return cls(scale=float(stored["scale"]))

    def transform(self, return_N: np.ndarray) -> np.ndarray:
        """Returns in training standard deviations."""
        return return_N / self.scale

    def inverse(self, target_N: np.ndarray) -> np.ndarray:
        """Raw returns."""
        return target_N * self.scale

    def as_json(self) -> dict[str, Any]:
        """The scale."""
        return {"kind": "raw", "scale": self.scale}


RAW = Task(
    name="raw",
    label=forward_return,
    fit=RawTransform.fit,
    read=RawTransform.from_json,
    objective=huber_objective,
    head=Head(outputs=1, sigmoid=False),
    signal=follow_predicted_return,
)
