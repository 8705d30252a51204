"""A trained population, and the events that reach the outside while it trains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import numpy as np

Parameters = dict[str, np.ndarray]
"""float32 arrays by parameter name; with a leading axis M where they belong to a population of M members."""


@dataclass(frozen=True, kw_only=True)
class StartRecord:
    """Networks before their first step."""

    train_loss_M: np.ndarray
    """Loss on the training rows, or evenly spaced ones of many, dropout off."""
    learning_rate: float = 0.0

    def select(self, members: slice | np.ndarray) -> StartRecord:
        """The figures of some members."""
        return _selected(self, members)


@dataclass(frozen=True, kw_only=True)
class IntervalRecord:
    """A record of the steps since the last interval record; arrays hold one value per member."""

    epoch: int
    step: int
    """Total steps done, skipped ones included."""
    learning_rate: float
    """Learning rate of the first member at its last applied step."""
    loss_M: np.ndarray
    """NaN for a member that has stopped."""
    grad_norm_mean_M: np.ndarray
    grad_norm_max_M: np.ndarray
    skipped_M: np.ndarray

    def select(self, members: slice | np.ndarray) -> IntervalRecord:
        """The figures of some members."""
        return _selected(self, members)

    def idle(self, members: int) -> IntervalRecord:
        """The same interval for other members, which have all stopped: no step was applied to them."""
        nan_M = np.full(members, np.nan)
        skipped_M = np.zeros(members, dtype=np.int64)
        return replace(self, loss_M=nan_M, grad_norm_mean_M=nan_M, grad_norm_max_M=nan_M, skipped_M=skipped_M)

    @staticmethod
    def concat(parts: Sequence[IntervalRecord]) -> IntervalRecord:
        """The same interval of several populations side by side; the learning rate is that of the first."""
        return _side_by_side(parts)


@dataclass(frozen=True, kw_only=True)
class GuardEvent:
    """A step that was skipped for one member because its loss or gradient was not finite or a spike, or a rollback."""

    member: int
    epoch: int
    step: int
    rows: tuple[int, ...]
    """Rows of ``x_NF`` with a non-finite feature or target in that batch, or the whole batch where all were finite;
    none where the member goes back to the beginning of the epoch."""
    reason: str


@dataclass(frozen=True, kw_only=True)
class EpochRecord:
    """One pass over the training rows; arrays hold one value per member.

    A member that has stopped keeps the figures of its last epoch.
    """

    epoch: int
    train_loss_M: np.ndarray
    """Mean over the epoch's applied steps, dropout on, as it was while learning."""
    validation_loss_M: np.ndarray
    """Loss after the epoch, dropout off; NaN where there are no validation rows."""
    validation_mae_M: np.ndarray
    """Mean absolute error after the epoch, dropout off; NaN where there are no validation rows, and for members that
    the job does not measure (``TrainingJob.measured_members``)."""
    learning_rate: float
    """Learning rate of the first member at its last applied step."""
    grad_norm_mean_M: np.ndarray
    grad_norm_max_M: np.ndarray
    skipped_M: np.ndarray
    stopped_M: np.ndarray
    """True for members that early stopping has ended."""
    seconds: float
    steps: int

    def select(self, members: slice | np.ndarray) -> EpochRecord:
        """The figures of some members."""
        return _selected(self, members)

    @staticmethod
    def concat(parts: Sequence[EpochRecord]) -> EpochRecord:
        """The latest epoch of several populations side by side.

        A part of an earlier epoch belongs to members that have stopped. The time is that of the slowest part that
        trained in this epoch, the learning rate that of the first part.
        """
        epoch = max(part.epoch for part in parts)
        seconds = max(part.seconds for part in parts if part.epoch == epoch)
        return replace(_side_by_side(parts), epoch=epoch, seconds=seconds)


Event = IntervalRecord | EpochRecord | GuardEvent
OnEvent = Callable[[Event], None]


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A trained population: parameters by name with a leading member axis, and how they came about."""

    engine: str
    best_parameters: Parameters
    """Parameters after each member's best epoch by validation loss (the last epoch where no rows validate)."""
    final_parameters: Parameters
    best_epoch_M: np.ndarray
    history: tuple[EpochRecord, ...]
    guard_events: tuple[GuardEvent, ...] = field(default=())

    def __repr__(self) -> str:
        return f"Fit(engine={self.engine!r}, best_epochs={self.best_epoch_M.tolist()})"

    @property
    def best_member(self) -> int:
        """The member whose best epoch has the lowest validation loss, or training loss without validation rows."""
        losses = [
            record.train_loss_M if np.isnan(record.validation_loss_M).all() else record.validation_loss_M
            for record in self.history
        ]
        best_M = [losses[epoch - 1][member] for member, epoch in enumerate(self.best_epoch_M)]
        return int(np.nanargmin(best_M)) if np.isfinite(best_M).any() else 0


def select_members(parameters: Parameters, members: slice | np.ndarray) -> Parameters:
    """The parameters of some members."""
    return {name: value[members] for name, value in parameters.items()}


_PerMember = TypeVar("_PerMember", StartRecord, IntervalRecord, EpochRecord)


def _member_fields(record: StartRecord | IntervalRecord | EpochRecord) -> list[str]:
    """Fields with one value per member: those whose shape is M."""
    return [each.name for each in fields(record) if each.name.endswith("_M")]


def _selected(record: _PerMember, members: slice | np.ndarray) -> _PerMember:
    chosen: dict[str, Any] = {name: getattr(record, name)[members] for name in _member_fields(record)}
    return replace(record, **chosen)


def _side_by_side(parts: Sequence[_PerMember]) -> _PerMember:
    first = parts[0]
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in _member_fields(first)
    }
    return replace(first, **joined)
