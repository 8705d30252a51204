"""The lines that a run logs while one window trains."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np

from tailproof.arrays.ranges import ceil_div
from tailproof.core.counted import counted
from tailproof.core.events import LineRole, LogLine, WindowStarted, details, texts
from tailproof.core.fit import EpochRecord, Event, GuardEvent, IntervalRecord, StartRecord

MAX_EPOCHS_SHOWN = 10
"""Epochs that a screen shows; of more, evenly spaced ones and the last."""


class TrainingLines:
    """Turns the records of one window's training into lines: a table with one row per epoch, below it the first losses.

    Args:
        window: the window that trains.
        epoch_lines: whether the table is logged.
        epochs_shown: whether a screen shows it too, or only the log holds it.
        interval_lines: whether every interval is logged; otherwise only the first after a long silence.
        seconds_of_silence: how long that silence is.
        reading: a sentence on the losses of the table, for the log; empty where there is none.
        clock: seconds that only rise.
    """

    def __init__(
        self,
        window: WindowStarted,
        *,
        epoch_lines: bool,
        epochs_shown: bool,
        interval_lines: bool,
        seconds_of_silence: float,
        reading: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._window = window
        self._epoch_lines = epoch_lines
        self._epochs_shown = epochs_shown
        self._interval_lines = interval_lines
        self._seconds_of_silence = seconds_of_silence
        self._reading = reading
        self._clock = clock
        self._logged_at = clock()

    def lines(self, record: StartRecord | Event, *, networks: int) -> list[LogLine]:
        """The lines of a record of real members.

        Args:
            record: of the real members only.
            networks: how many train together, placebos included: what the rate counts.
        """
        match record:
            case StartRecord():
                lines = self._head(record) if self._epoch_lines else []
            case EpochRecord():
                lines = self._epoch(record, networks=networks) if self._epoch_lines else []
            case GuardEvent():
                lines = texts([_guard(record)])
            case IntervalRecord():
                silent = self._clock() - self._logged_at >= self._seconds_of_silence
                shown = self._interval_lines or silent
                role: LineRole = "text" if self._interval_lines else "progress"
                lines = [LogLine(text=self._interval(record), role=role)] if shown else []
        if lines:
            self._logged_at = self._clock()
        return lines

    def _head(self, record: StartRecord) -> list[LogLine]:
        window = self._window
        constants = _loss(window.constant_train_loss), _loss(window.constant_validation_loss)
        return [
            *details([self._reading] if self._reading else []),
            self._line(_row("Epoch", "train loss", "val loss", "val MAE", "learning rate", "time"), role="heading"),
            self._line(_row("constant", *constants, "-", "-", "-")),
            self._line(_row("Start", _loss(_mean(record.train_loss_M)), "-", "-", _rate(record.learning_rate), "-")),
        ]

    def _epoch(self, record: EpochRecord, *, networks: int) -> list[LogLine]:
        window = self._window
        row = _row(
            f"{record.epoch}/{window.epochs}",
            _loss(_mean(record.train_loss_M)),
            _loss(_mean(record.validation_loss_M)),
            _loss(_mean(record.validation_mae_M)),
            _rate(record.learning_rate),
            f"{record.seconds:.1f} s",
        )
        rate = networks * record.steps / record.seconds
        speed = f"    {rate:,.0f} model-steps/s, {rate * window.batch_size:,.0f} rows/s"
        skipped = int(record.skipped_M.sum())
        every = ceil_div(window.epochs, MAX_EPOCHS_SHOWN)
        shown = record.epoch % every == 0 or record.epoch == window.epochs
        return [
            self._line(row, role="text" if shown else "detail"),
            *details([speed]),
            *([self._line(f"    {counted(skipped, 'step')} skipped")] if skipped else []),
        ]

    def _line(self, text: str, *, role: LineRole = "text") -> LogLine:
        return LogLine(text=text, role=role if self._epochs_shown else "detail")

    def _interval(self, record: IntervalRecord) -> str:
        window = self._window
        fold = f"fold {window.fold}/{window.folds}  " if window.fold and window.folds > 1 else ""
        return (
            f"  {fold}epoch {record.epoch}/{window.epochs}  "
            f"step {record.step:>8,}/{window.epochs * window.steps:,}  loss {float(np.mean(record.loss_M)):.6f} "
            f"(constant {window.constant_train_loss:.6f})  gradient norm {float(np.mean(record.grad_norm_mean_M)):.4f} "
            f"(largest {float(np.max(record.grad_norm_max_M)):.4f})  learning rate {_rate(record.learning_rate)}"
        )


def losses_of_epochs(*, to_line: bool, shrunk: bool) -> str:
    """A sentence on what forecasts go through after the losses of the epochs; empty where they stay as they are.

    >>> losses_of_epochs(to_line=False, shrunk=True)
    'Losses are those before forecasts are shrunk.'
    """
    steps = [step for step, taken in (("drawn to the line", to_line), ("shrunk", shrunk)) if taken]
    return f"Losses are those before forecasts are {' and '.join(steps)}." if steps else ""


def _guard(event: GuardEvent) -> str:
    if not event.rows:
        return f"  Step {event.step}: member {event.member + 1} {event.reason}"
    first = ", ".join(str(row) for row in event.rows[:5])
    more = f" and {len(event.rows) - 5} more" if len(event.rows) > 5 else ""
    return f"  Step {event.step} skipped for member {event.member + 1}: {event.reason} (rows {first}{more})"


def _row(epoch: str, train: str, validation: str, mae: str, rate: str, seconds: str) -> str:
    return f"{epoch:<9}{train:>10}{validation:>10}{mae:>10}{rate:>14}{seconds:>7}"


def _loss(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.6f}"


def _rate(value: float) -> str:
    return f"{value:.3g}"


def _mean(value_M: np.ndarray) -> float:
    known_M = value_M[~np.isnan(value_M)]
    return float(known_M.mean()) if len(known_M) else math.nan
