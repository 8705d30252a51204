"""The lines that a run logs while one window trains."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np

from tailproof.core.events import WindowStarted
from tailproof.core.fit import EpochRecord, Event, GuardEvent, IntervalRecord


class TrainingLines:
    """Turns the records of one window's training into lines.

    Args:
        window: the window that trains.
        epoch_lines: whether the end of each epoch is logged.
        interval_lines: whether every interval is logged; otherwise only the first after a long silence.
        seconds_of_silence: how long that silence is.
        clock: seconds that only rise.
    """

    def __init__(
        self,
        window: WindowStarted,
        *,
        epoch_lines: bool,
        interval_lines: bool,
        seconds_of_silence: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._window = window
        self._epoch_lines = epoch_lines
        self._interval_lines = interval_lines
        self._seconds_of_silence = seconds_of_silence
        self._clock = clock
        self._logged_at = clock()

    def lines(self, record: Event, *, networks: int) -> list[str]:
        """The lines of a record of real members.

        Args:
            record: of the real members only.
            networks: how many train together, placebos included: what the rate counts.
        """
        match record:
            case EpochRecord():
                lines = [self._epoch(record, networks=networks)] if self._epoch_lines else []
            case GuardEvent():
                lines = [_guard(record)]
            case IntervalRecord():
                silent = self._clock() - self._logged_at >= self._seconds_of_silence
                lines = [self._interval(record)] if self._interval_lines or silent else []
        if lines:
            self._logged_at = self._clock()
        return lines

    def _epoch(self, record: EpochRecord, *, networks: int) -> str:
        window = self._window
        train = float(np.nanmean(record.train_loss_M)) if np.isfinite(record.train_loss_M).any() else math.nan
        parts = [f"Epoch {record.epoch}/{window.epochs}  train {train:.6f} (constant {window.constant_train_loss:.6f})"]
        if window.constant_validation_loss is not None:
            validation = float(np.mean(record.validation_loss_M))
            skill = 1.0 - validation / window.constant_validation_loss
            parts.append(
                f"validation {validation:.6f} (constant {window.constant_validation_loss:.6f}, skill {skill:+.4%})"
            )
        parts.append(f"learning rate {record.learning_rate:.6f}")
        if record.skipped_M.any():
            parts.append(f"{int(record.skipped_M.sum())} steps skipped")
        rate = networks * record.steps / record.seconds
        parts.append(f"{record.seconds:.1f} s, {rate:,.0f} model-steps/s, {rate * window.batch_size:,.0f} rows/s")
        return "  ".join(parts)

    def _interval(self, record: IntervalRecord) -> str:
        window = self._window
        fold = f"fold {window.fold}/{window.folds}  " if window.fold and window.folds > 1 else ""
        return (
            f"  {fold}epoch {record.epoch}/{window.epochs}  "
            f"step {record.step:>8,}/{window.epochs * window.steps:,}  loss {float(np.mean(record.loss_M)):.6f} "
            f"(constant {window.constant_train_loss:.6f})  gradient norm {float(np.mean(record.grad_norm_mean_M)):.4f} "
            f"(largest {float(np.max(record.grad_norm_max_M)):.4f})  learning rate {record.learning_rate:.6f}"
        )


def _guard(event: GuardEvent) -> str:
    first = ", ".join(str(row) for row in event.rows[:5])
    more = f" and {len(event.rows) - 5} more" if len(event.rows) > 5 else ""
    return f"  Step {event.step} skipped for member {event.member + 1}: {event.reason} (rows {first}{more})"
