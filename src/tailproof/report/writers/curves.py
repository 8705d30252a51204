"""Events of a run as points of curves, the same for every writer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from tailproof.core.events import RunEvent, RunStarted, TrainingRecord, WindowStarted
from tailproof.core.fit import EpochRecord, GuardEvent, IntervalRecord, StartRecord

Outcome = Literal["finished", "failed", "interrupted"]


@dataclass(frozen=True, kw_only=True)
class Point:
    """One value of one curve."""

    part: str
    """The window that trains: ``fold-1``, ``fold-2``, ..., or ``shipped``."""
    curve: str
    step: int
    value: float
    time: float
    """When it was known, in seconds since 1970."""


class Writer(Protocol):
    """Takes points in batches; called by one thread only, and never by the one that trains."""

    name: str

    def start(self, run: RunStarted) -> None:
        """Begin a run."""
        ...

    def write(self, points: Sequence[Point]) -> None:
        """Write some seconds' worth of points, so that a reader sees them."""
        ...

    def finish(self, outcome: Outcome, verdict: Mapping[str, Any] | None) -> None:
        """End the run; ``verdict`` holds its figures in brief, None where it was not judged."""
        ...


class Curves:
    """Turns training records into points: means over the members, beside what the constant would have."""

    def __init__(self) -> None:
        self._window: WindowStarted | None = None

    def points(self, event: RunEvent, *, time: float) -> list[Point]:
        """The points of one event; none for events that are not of training.

        Engines that train members one by one give curves of each member, such as ``member-2/train_loss``.
        """
        if isinstance(event, WindowStarted):
            self._window = event
        if self._window is None or not isinstance(event, TrainingRecord):
            return []
        window, record = self._window, event.record
        match record:
            case IntervalRecord():
                step, values = record.step, _interval_values(record, window)
            case EpochRecord():
                step, values = record.epoch * record.steps, _epoch_values(record, window)
            case GuardEvent() | StartRecord():
                return []
        part = "shipped" if event.fold == 0 else f"fold-{event.fold}"
        return [
            Point(part=part, curve=curve, step=step, value=value, time=time)
            for curve, value in values.items()
            if value is not None and math.isfinite(value)
        ]


def _interval_values(record: IntervalRecord, window: WindowStarted) -> dict[str, float | None]:
    loss = _mean(record.loss_M)
    return {
        "train_loss": loss,
        "train_skill": None if loss is None else 1.0 - loss / window.constant_train_loss,
        "gradient_norm": _mean(record.grad_norm_mean_M),
        "gradient_norm_largest": max(_finite(record.grad_norm_max_M), default=None),
        "learning_rate": record.learning_rate,
        "skipped_steps": float(record.skipped_M.sum()),
    }


def _epoch_values(record: EpochRecord, window: WindowStarted) -> dict[str, float | None]:
    loss, constant = _mean(record.validation_loss_M), window.constant_validation_loss
    return {
        "validation_loss": loss,
        "validation_loss_of_constant": constant,
        "validation_skill": None if loss is None or constant is None else 1.0 - loss / constant,
        "validation_mae": _mean(record.validation_mae_M),
        "epoch_seconds": record.seconds,
    }


def _mean(values_M: np.ndarray) -> float | None:
    finite = _finite(values_M)
    return sum(finite) / len(finite) if finite else None


def _finite(values_M: np.ndarray) -> list[float]:
    return [value for value in values_M.tolist() if math.isfinite(value)]
