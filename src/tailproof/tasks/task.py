"""What a network is asked to forecast, as one record."""

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
    """From bars to what is forecast of them."""

    def __call__(self, bars: Bars, *, horizon: int) -> pl.DataFrame:
        """Columns ``forward_return`` and ``label_end`` (when it is known), one row per bar; null where it has none."""
        ...


class MakeObjective(Protocol):
    """From the options of training to what training minimises."""

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
    """What the network ends in, so that its outputs are in units of the target."""
    signal: Callable[[Forecast], np.ndarray]
    """The trading rule: one number per forecast, of which the sign is the position and which must lie outside of
    ``--band`` for the position to change."""


def follow_predicted_return(forecast: Forecast) -> np.ndarray:
    """Be long where the predicted return is positive, short where it is negative."""
    return forecast.predicted_return_N
