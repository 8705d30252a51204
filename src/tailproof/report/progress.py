"""What a run says while it trains, and its records for metrics.jsonl."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from tailproof.core.fit import EpochRecord, Event, GuardEvent, IntervalRecord


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Turns events into lines; losses stand beside those of the constant fitted on the training rows."""

    constant_train_loss: float
    constant_validation_loss: float | None
    """None where there are no validation rows."""
    epochs: int
    members: int
    verbose: bool

    def lines(self, event: Event) -> list[str]:
        """Lines for the screen and the log; none for interval records unless verbose."""
        match event:
            case EpochRecord():
                return [self._epoch(event)]
            case GuardEvent():
                return [_guard(event)]
            case IntervalRecord():
                return [_interval(event)] if self.verbose else []

    def _epoch(self, record: EpochRecord) -> str:
        train = float(np.nanmean(record.train_loss_M)) if np.isfinite(record.train_loss_M).any() else math.nan
        trained = len(record.train_loss_M)
        who = f" member {record.first_member + 1}/{self.members}" if trained < self.members else ""
        parts = [
            f"Epoch {record.epoch}/{self.epochs}{who}  train {train:.6f} (constant {self.constant_train_loss:.6f})"
        ]
        if self.constant_validation_loss is not None:
            validation = float(np.mean(record.validation_loss_M))
            skill = 1.0 - validation / self.constant_validation_loss
            parts.append(
                f"validation {validation:.6f} (constant {self.constant_validation_loss:.6f}, skill {skill:+.4%})"
            )
        parts.append(f"learning rate {record.learning_rate:.6f}")
        if record.skipped_M.any():
            parts.append(f"{int(record.skipped_M.sum())} steps skipped")
        rate = trained * record.steps / record.seconds
        parts.append(f"{record.seconds:.1f} s, {rate:,.0f} model-steps/s")
        return "  ".join(parts)


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


def _interval(record: IntervalRecord) -> str:
    return (
        f"  step {record.step:>8,}  loss {float(np.mean(record.loss_M)):.6f}  gradient norm "
        f"{float(np.mean(record.grad_norm_mean_M)):.4f} (largest {float(np.max(record.grad_norm_max_M)):.4f})  "
        f"learning rate {record.learning_rate:.6f}"
    )


def _guard(event: GuardEvent) -> str:
    shown = ", ".join(str(row) for row in event.rows[:5])
    more = f" and {len(event.rows) - 5} more" if len(event.rows) > 5 else ""
    return f"  Step {event.step} skipped for member {event.member}: {event.reason} (rows {shown}{more})"
