"""What a run says while it trains, and its records for metrics.jsonl."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tailproof.core.fit import EpochRecord, Event, GuardEvent, IntervalRecord

SECONDS_OF_SILENCE = 10.0
"""After so long without a line, the next interval says how far training is."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """The rows that one population trains on, and what its losses stand beside."""

    fold: int
    """From 1; 0 for the members that are shipped after a walk-forward."""
    folds: int
    """How many folds are judged."""
    epochs: int
    steps: int
    """Steps of an epoch."""
    members: int
    networks: int
    """Members and, trained beside them, the placebos' members."""
    batch_size: int
    constant_train_loss: float
    constant_validation_loss: float | None
    """None where there are no validation rows."""

    @property
    def model_steps(self) -> int:
        """Steps of all networks in all epochs."""
        return self.epochs * self.steps * self.networks

    def as_record(self) -> dict[str, Any]:
        """Plain values, for metrics.jsonl."""
        return asdict(self)


class Progress:
    """Turns the events of one window's training into lines and counts.

    Args:
        window: what is trained.
        epoch_lines: whether the end of each epoch is said.
        interval_lines: whether every interval is said; otherwise only one after ten seconds of silence.
        clock: seconds that only rise.
    """

    def __init__(
        self,
        window: Window,
        *,
        epoch_lines: bool,
        interval_lines: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.window = window
        self._epoch_lines = epoch_lines
        self._interval_lines = interval_lines
        self._clock = clock
        self._spoke = clock()
        self._step_by_first: dict[int, int] = {}
        self._networks = 0
        self.model_steps = 0

    def count(self, event: Event) -> None:
        """Take in an event of any member, placebos included: ``model_steps`` grows by what was trained."""
        if isinstance(event, IntervalRecord):
            self._networks = len(event.loss_M)
            new = event.step - self._step_by_first.get(event.first_member, 0)
            self._step_by_first[event.first_member] = event.step
            self.model_steps += new * self._networks

    def counts(self) -> dict[str, Any]:
        """What was counted so far, for ``go_on``."""
        return {
            "step_by_first": list(self._step_by_first.items()),
            "networks": self._networks,
            "model_steps": self.model_steps,
        }

    def go_on(self, counts: Mapping[str, Any]) -> None:
        """Go on from what ``counts`` gave."""
        self._step_by_first = dict(counts["step_by_first"])
        self._networks, self.model_steps = counts["networks"], counts["model_steps"]

    def lines(self, event: Event) -> list[str]:
        """Lines for the screen and the log; events of real members only."""
        match event:
            case EpochRecord():
                said = [self._epoch(event)] if self._epoch_lines else []
            case GuardEvent():
                said = [_guard(event)]
            case IntervalRecord():
                silent = self._clock() - self._spoke >= SECONDS_OF_SILENCE
                said = [self._interval(event)] if self._interval_lines or silent else []
        if said:
            self._spoke = self._clock()
        return said

    def _epoch(self, record: EpochRecord) -> str:
        window = self.window
        train = float(np.nanmean(record.train_loss_M)) if np.isfinite(record.train_loss_M).any() else math.nan
        parts = [
            f"Epoch {record.epoch}/{window.epochs}{self._who(record.first_member, len(record.train_loss_M))}  "
            f"train {train:.6f} (constant {window.constant_train_loss:.6f})"
        ]
        if window.constant_validation_loss is not None:
            validation = float(np.mean(record.validation_loss_M))
            skill = 1.0 - validation / window.constant_validation_loss
            parts.append(
                f"validation {validation:.6f} (constant {window.constant_validation_loss:.6f}, skill {skill:+.4%})"
            )
        parts.append(f"learning rate {record.learning_rate:.6f}")
        if record.skipped_M.any():
            parts.append(f"{int(record.skipped_M.sum())} steps skipped")
        rate = self._networks * record.steps / record.seconds
        parts.append(f"{record.seconds:.1f} s, {rate:,.0f} model-steps/s, {rate * window.batch_size:,.0f} rows/s")
        return "  ".join(parts)

    def _interval(self, record: IntervalRecord) -> str:
        window = self.window
        fold = f"fold {window.fold}/{window.folds}  " if window.fold and window.folds > 1 else ""
        return (
            f"  {fold}epoch {record.epoch}/{window.epochs}{self._who(record.first_member, len(record.loss_M))}  "
            f"step {record.step:>8,}/{window.epochs * window.steps:,}  loss {float(np.mean(record.loss_M)):.6f} "
            f"(constant {window.constant_train_loss:.6f})  gradient norm {float(np.mean(record.grad_norm_mean_M)):.4f} "
            f"(largest {float(np.max(record.grad_norm_max_M)):.4f})  learning rate {record.learning_rate:.6f}"
        )

    def _who(self, first_member: int, trained: int) -> str:
        return f" member {first_member + 1}/{self.window.members}" if trained < self.window.members else ""


def event_record(event: Event) -> tuple[str, dict[str, Any]]:
    """Kind and plain values of an event, for metrics.jsonl; a figure that is not finite becomes None."""
    kind = {EpochRecord: "epoch", IntervalRecord: "interval", GuardEvent: "guard"}[type(event)]
    return kind, {name.removesuffix("_M"): _plain(value) for name, value in vars(event).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value.tolist()]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _guard(event: GuardEvent) -> str:
    shown = ", ".join(str(row) for row in event.rows[:5])
    more = f" and {len(event.rows) - 5} more" if len(event.rows) > 5 else ""
    return f"  Step {event.step} skipped for member {event.member + 1}: {event.reason} (rows {shown}{more})"
