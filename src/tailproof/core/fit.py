"""A trained population, and the events that reach the outside while it trains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Parameters = dict[str, np.ndarray]
"""float32 arrays by parameter name; with a leading axis M where they belong to a population of M members."""


@dataclass(frozen=True, kw_only=True)
class IntervalRecord:
    """What happened in the steps since the last interval record; arrays hold one value a member."""

    first_member: int
    """Member that the first value of each array belongs to; the others follow."""
    epoch: int
    step: int
    """Steps done in all, skipped ones included."""
    learning_rate: float
    """Of the first member, at its last applied step."""
    loss_M: np.ndarray
    grad_norm_mean_M: np.ndarray
    grad_norm_max_M: np.ndarray
    skipped_M: np.ndarray


@dataclass(frozen=True, kw_only=True)
class GuardEvent:
    """A step that was skipped for one member because its loss or gradient was not finite."""

    member: int
    epoch: int
    step: int
    rows: tuple[int, ...]
    """Rows of ``x_NF`` with a non-finite feature or target in that batch, or the whole batch where all were finite."""
    reason: str


@dataclass(frozen=True, kw_only=True)
class EpochRecord:
    """One pass over the training rows; arrays hold one value a member."""

    first_member: int
    """Member that the first value of each array belongs to; the others follow."""
    epoch: int
    train_loss_M: np.ndarray
    """Mean over the epoch's applied steps, dropout on, as it was while learning."""
    validation_loss_M: np.ndarray
    """After the epoch, dropout off; NaN where there are no validation rows."""
    learning_rate: float
    grad_norm_mean_M: np.ndarray
    grad_norm_max_M: np.ndarray
    skipped_M: np.ndarray
    stopped_M: np.ndarray
    """True for members that early stopping has ended."""
    seconds: float
    steps: int


Event = IntervalRecord | EpochRecord | GuardEvent
OnEvent = Callable[[Event], None]

FitState = Mapping[str, Any]
"""All that a fit carries from one step to the next: dicts and lists of arrays, numbers and texts, so that it can be
kept in a file. Only the engine that made it can read it."""
OfferState = Callable[[Callable[[], FitState]], None]
"""Is told, between two steps, that the state could be taken now; making it costs a copy, so only who wants it calls."""


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A trained population: parameters by name with a leading member axis, and how they came about."""

    engine: str
    best_parameters: Parameters
    """After the epoch with each member's lowest validation loss (the last epoch where there are no validation rows)."""
    final_parameters: Parameters
    best_epoch_M: np.ndarray
    history: tuple[EpochRecord, ...]
    guard_events: tuple[GuardEvent, ...] = field(default=())

    def as_tree(self) -> dict[str, Any]:
        """Plain values and arrays, for keeping in a file; ``from_tree`` reads them."""
        return {**vars(self), "history": records_tree(self.history), "guard_events": records_tree(self.guard_events)}

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any]) -> Fit:
        """The fit that ``as_tree`` was made of."""
        history, guard_events = epochs_of(tree["history"]), guards_of(tree["guard_events"])
        return cls(**{**tree, "history": tuple(history), "guard_events": tuple(guard_events)})

    @property
    def best_member(self) -> int:
        """The member whose best epoch has the lowest validation loss, or training loss without validation rows."""
        losses = [
            record.train_loss_M if np.isnan(record.validation_loss_M).all() else record.validation_loss_M
            for record in self.history
        ]
        best_M = [losses[epoch - 1][member] for member, epoch in enumerate(self.best_epoch_M)]
        return int(np.nanargmin(best_M)) if np.isfinite(best_M).any() else 0


def records_tree(records: Iterable[EpochRecord | GuardEvent]) -> list[dict[str, Any]]:
    """Records as plain values and arrays, for keeping in a file."""
    return [dict(vars(record)) for record in records]


def epochs_of(trees: Iterable[Mapping[str, Any]]) -> list[EpochRecord]:
    """The records of epochs that ``records_tree`` was made of."""
    return [EpochRecord(**tree) for tree in trees]


def guards_of(trees: Iterable[Mapping[str, Any]]) -> list[GuardEvent]:
    """The guard events that ``records_tree`` was made of."""
    return [GuardEvent(**{**tree, "rows": tuple(tree["rows"])}) for tree in trees]
