"""The events of a run, as a closed union of records, and the one protocol of those who receive them.

The screen, ``training_log.txt``, ``metrics.jsonl``, JSON lines, TensorBoard and MLflow are all reporters. Each matches
on the type of an event and ignores what it does not show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from tailproof.core.fit import Event, StartRecord

WARNING = "Warning: "
"""How a line that warns begins."""
LineRole = Literal["text", "heading", "verdict", "progress", "detail"]
"""How a screen shows a line: one of progress where there is no bar, a detail where it was asked for everything."""


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """A line for people, or several."""

    text: str = ""
    role: LineRole = "text"


def details(lines: Iterable[str]) -> list[LogLine]:
    """Lines that the log holds and a screen leaves out, unless it was asked for everything."""
    return [LogLine(text=line, role="detail") for line in lines]


def headed(lines: Iterable[str]) -> list[LogLine]:
    """Lines of which every screen shows the first, and those that warn."""
    return [
        LogLine(text=line, role="detail" if place and not line.startswith(WARNING) else "text")
        for place, line in enumerate(lines)
    ]


def texts(lines: Iterable[str]) -> list[LogLine]:
    """Lines that every screen shows."""
    return [LogLine(text=line) for line in lines]


@dataclass(frozen=True, kw_only=True)
class RunStarted:
    """Training begins: everything before it can still be refused."""

    name: str
    """Name of the run folder."""
    model_steps: int
    """Steps of all networks in all windows, should no member stop early."""
    config: Mapping[str, Any]
    """The content of training_config.json."""


@dataclass(frozen=True, kw_only=True)
class WindowStarted:
    """One population begins to train on the rows of one window."""

    fold: int
    """The fold, counted from 1; 0 for the members that are shipped after a walk-forward."""
    folds: int
    """The number of folds that are judged."""
    epochs: int
    steps: int
    """Steps per epoch."""
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


@dataclass(frozen=True, kw_only=True)
class TrainingRecord:
    """A record about the real members of one window: of the networks before they train, then what an engine reports."""

    fold: int
    record: StartRecord | Event


@dataclass(frozen=True, kw_only=True)
class ValidationScored:
    """What a model that has no epochs scored on the validation rows of one window, which it was not shown."""

    fold: int
    loss: float


@dataclass(frozen=True, kw_only=True)
class StepsDone:
    """How far the training of a window has come, placebos included; it is momentary and stored in no file."""

    fold: int
    model_steps: int


@dataclass(frozen=True, kw_only=True)
class RunResumed:
    """A stopped run resumes: the events before this one were reported by an earlier process."""


@dataclass(frozen=True, kw_only=True)
class VerdictReached:
    """The run has been judged."""

    verdict: Mapping[str, Any]
    """Its figures in brief."""


RunEvent = (
    LogLine | RunStarted | WindowStarted | TrainingRecord | ValidationScored | StepsDone | RunResumed | VerdictReached
)


class Reporter(Protocol):
    """Shows or stores the events of a run."""

    def emit(self, event: RunEvent) -> None:
        """Take in one event, in the order in which they happen."""
        ...
