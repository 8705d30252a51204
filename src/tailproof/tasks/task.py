"""A forecasting task as one record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import polars as pl

from tailproof.core.records import Bars, Forecast
from tailproof.models.network import Head
from tailproof.objectives import Objective
from tailproof.settings.task_settings import TargetName
from tailproof.tasks.transform import TargetTransform


class Label(Protocol):
    """Maps bars to the values that are to be forecast."""

    def __call__(self, bars: Bars, *, horizon: int) -> pl.DataFrame:
        """Columns ``forward_return`` and ``label_end`` (when it is known), one row per bar; null where it has none."""
        ...


class MakeObjective(Protocol):
    """Maps training options to the objective that training minimises."""

    def __call__(self, *, huber_delta: float) -> Objective:
        """The objective."""
        ...


@dataclass(frozen=True, kw_only=True)
class Task:
    """A kind of target with all that follows from it. A new kind is one file beside this one, named in ``TASKS``."""

    name: TargetName
    label: Label
    fit: Callable[[np.ndarray], TargetTransform]
    """Fits the transform on the raw labels of training rows alone; ConfigError where they do not vary."""
    read: Callable[[Mapping[str, Any]], TargetTransform]
    """Reads a transform that was stored with ``as_json``."""
    objective: MakeObjective
    head: Head
    """The last layer of the network, which makes its outputs units of the target."""
    signal: Callable[[Forecast], np.ndarray]
    """The trading rule: one number per forecast, of which the sign is the position and which must lie outside of
    ``--band`` for the position to change."""


def follow_predicted_return(forecast: Forecast) -> np.ndarray:
    """Be long where the predicted return is positive, short where it is negative."""
    return forecast.predicted_return_N
