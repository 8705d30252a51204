"""Records of a run as points of curves, the same for every writer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

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
    """Seconds since 1970, when it was known."""


class Writer(Protocol):
    """Takes points in batches; called by one thread only, and never by the one that trains."""

    name: str

    def start(self, run: Mapping[str, Any]) -> None:
        """Begin a run; ``run`` is the first record of metrics.jsonl."""
        ...

    def write(self, points: Sequence[Point]) -> None:
        """Write some seconds' worth of points, so that a reader sees them."""
        ...

    def finish(self, outcome: Outcome, verdict: Mapping[str, Any] | None) -> None:
        """End the run; ``verdict`` is the last record of metrics.jsonl, None where there was none."""
        ...


class Curves:
    """Turns records into points: means over the members, beside what the constant would have."""

    def __init__(self) -> None:
        self._window: Mapping[str, Any] = {}

    def points(self, kind: str, values: Mapping[str, Any], *, time: float) -> list[Point]:
        """The points of one record; none for records that are not of training.

        Engines that train members one by one give curves of each member, such as ``member-2/train_loss``.
        """
        if kind == "fold":
            self._window = values
        if kind not in ("interval", "epoch"):
            return []
        part = "shipped" if values["fold"] == 0 else f"fold-{values['fold']}"
        told = self._interval(values) if kind == "interval" else self._epoch(values)
        alone = len(values["skipped"]) < self._window["members"]
        member = f"member-{values['first_member'] + 1}/" if alone else ""
        step = values["step"] if kind == "interval" else values["epoch"] * values["steps"]
        return [
            Point(part=part, curve=member + curve, step=step, value=value, time=time)
            for curve, value in told.items()
            if value is not None
        ]

    def _interval(self, values: Mapping[str, Any]) -> dict[str, float | None]:
        loss, constant = _mean(values["loss"]), self._window["constant_train_loss"]
        return {
            "train_loss": loss,
            "train_skill": None if loss is None else 1.0 - loss / constant,
            "gradient_norm": _mean(values["grad_norm_mean"]),
            "gradient_norm_largest": max((v for v in values["grad_norm_max"] if v is not None), default=None),
            "learning_rate": values["learning_rate"],
            "skipped_steps": float(sum(values["skipped"])),
        }

    def _epoch(self, values: Mapping[str, Any]) -> dict[str, float | None]:
        loss, constant = _mean(values["validation_loss"]), self._window["constant_validation_loss"]
        return {
            "validation_loss": loss,
            "validation_loss_of_constant": constant,
            "validation_skill": None if loss is None or constant is None else 1.0 - loss / constant,
            "epoch_seconds": values["seconds"],
        }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
