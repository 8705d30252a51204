"""Everything that a fit carries from one step to the next: records that a file can hold.

Only the engine that made a state can continue from it. ``FitState.population`` is that engine's own part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tailproof.core.fit import EpochRecord, GuardEvent, Parameters
from tailproof.engines.step_batch import StepBatch


@dataclass(frozen=True, kw_only=True)
class PackedState:
    """A population whose members train together, between two steps; training resumed from it continues bit for bit.

    M members, P parameters of one member, in the order of ``NetSpec.parameter_shapes``.
    """

    parameters_MP: np.ndarray
    first_moment_MP: np.ndarray
    second_moment_MP: np.ndarray
    applied_M: np.ndarray
    """int64: steps applied so far, without the skipped ones."""
    trail_MK: np.ndarray
    """float32: the trails of ``engines.spike_rule``."""
    rate_share_M: np.ndarray
    """float64: the share of its learning rate that a member has left, halved by every rollback."""
    active_M: np.ndarray
    """bool: members that still train; the others stay as they are."""
    epoch: int
    """The epoch, counted from 1, that the next step belongs to."""
    step_in_epoch: int
    """Steps of that epoch already done."""
    steps_before_epoch: int
    """Total steps done when that epoch began."""

    def copy(self) -> PackedState:
        """A state that shares no memory with this one."""
        return replace(
            self,
            parameters_MP=self.parameters_MP.copy(),
            first_moment_MP=self.first_moment_MP.copy(),
            second_moment_MP=self.second_moment_MP.copy(),
            applied_M=self.applied_M.copy(),
            trail_MK=self.trail_MK.copy(),
            active_M=self.active_M.copy(),
        )

    def slowed(self, slow_M: np.ndarray) -> PackedState:
        """This state with half the rate for the members where ``slow_M`` is true."""
        return replace(self, rate_share_M=np.where(slow_M, 0.5, 1.0) * self.rate_share_M)


@dataclass(frozen=True, kw_only=True)
class TorchMemberState:
    """One member of the torch engine between two logging intervals."""

    parameters: Parameters
    moments: dict[str, dict[str, np.ndarray]]
    """State of the optimizer by parameter and by torch's name for it."""
    applied: int
    trail_K: np.ndarray
    """float32: the trail of ``engines.spike_rule``."""
    rate_share: float
    """The share of its learning rate that is left, halved by every rollback."""
    random: np.ndarray
    """uint8: state of the generator of its dropout masks."""


@dataclass(frozen=True, kw_only=True)
class SerialState:
    """A population whose members torch trains in turn, between two logging intervals."""

    members: tuple[TorchMemberState, ...]
    active_M: np.ndarray
    epoch: int
    step_in_epoch: int

    def slowed(self, slow_M: np.ndarray) -> SerialState:
        """This state with half the rate for the members where ``slow_M`` is true."""
        shares = np.where(slow_M, 0.5, 1.0).tolist()
        members = (
            replace(member, rate_share=share * member.rate_share)
            for member, share in zip(self.members, shares, strict=True)
        )
        return replace(self, members=tuple(members))


PopulationState = PackedState | SerialState


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Running sums over applied steps, one value per member."""

    loss_sum_M: np.ndarray
    norm_sum_M: np.ndarray
    norm_max_M: np.ndarray
    applied_M: np.ndarray
    skipped_M: np.ndarray
    """Steps that were not finite."""
    spiked_M: np.ndarray

    @classmethod
    def zero(cls, members: int) -> Totals:
        """The sums before any step."""
        count_M = np.zeros(members, dtype=np.int64)
        zero_M = np.zeros(members)
        return cls(
            loss_sum_M=zero_M,
            norm_sum_M=zero_M,
            norm_max_M=zero_M,
            applied_M=count_M,
            skipped_M=count_M,
            spiked_M=count_M,
        )

    def plus(self, batch: StepBatch, segment: int) -> Totals:
        """The sums with one segment of a batch of steps taken in."""
        return Totals(
            loss_sum_M=self.loss_sum_M + batch.loss_sum_SM[segment],
            norm_sum_M=self.norm_sum_M + batch.norm_sum_SM[segment],
            norm_max_M=np.maximum(self.norm_max_M, batch.norm_max_SM[segment]),
            applied_M=self.applied_M + batch.applied_SM[segment],
            skipped_M=self.skipped_M + batch.skipped_SM[segment],
            spiked_M=self.spiked_M + batch.spiked_M(segment),
        )

    @property
    def loss_M(self) -> np.ndarray:
        """Mean loss over the applied steps; NaN where none was applied."""
        return self._mean(self.loss_sum_M)

    @property
    def grad_norm_mean_M(self) -> np.ndarray:
        """Mean gradient norm before clipping; NaN where no step was applied."""
        return self._mean(self.norm_sum_M)

    @property
    def grad_norm_max_M(self) -> np.ndarray:
        """Largest gradient norm before clipping; NaN where no step was applied."""
        return np.where(self.applied_M > 0, self.norm_max_M, np.nan)

    def _mean(self, sum_M: np.ndarray) -> np.ndarray:
        return np.where(self.applied_M > 0, sum_M / np.maximum(self.applied_M, 1), np.nan)


@dataclass(frozen=True, kw_only=True)
class BestEpochs:
    """Each member's parameters after its best epoch."""

    parameters: Parameters
    loss_M: np.ndarray
    epoch_M: np.ndarray

    @classmethod
    def before_training(cls, parameters: Parameters, *, members: int) -> BestEpochs:
        """The state before any epoch is done: any epoch is better."""
        return cls(parameters=parameters, loss_M=np.full(members, np.inf), epoch_M=np.zeros(members, dtype=np.int64))

    def after(self, epoch: int, parameters: Parameters, validation_M: np.ndarray, trained_M: np.ndarray) -> BestEpochs:
        """The record updated for improved members; NaN (no validation rows, or a ruined network) counts as better."""
        better_M = trained_M & ~(validation_M >= self.loss_M)
        return BestEpochs(
            parameters={name: _where(better_M, value, self.parameters[name]) for name, value in parameters.items()},
            loss_M=np.where(better_M, validation_M, self.loss_M),
            epoch_M=np.where(better_M, epoch, self.epoch_M),
        )


@dataclass(frozen=True, kw_only=True)
class FitState:
    """A fit between two steps."""

    population: PopulationState
    best: BestEpochs
    recent: tuple[Parameters, ...]
    """Weights after the latest epochs, where they are averaged."""
    history: tuple[EpochRecord, ...]
    guard_events: tuple[GuardEvent, ...]
    interval: Totals
    """Sums of the logging interval that is under way."""
    totals: Totals
    """Sums of the epoch that is under way."""
    seconds: float
    """Seconds that this epoch has taken so far."""
    rollback: RollbackState


@dataclass(frozen=True, kw_only=True)
class RollbackState:
    """What going back to the beginning of the epoch needs."""

    epoch_start: PopulationState
    rollbacks_M: np.ndarray
    """int64: how often each member went back."""
    spike_steps: tuple[tuple[int, ...], ...]
    """The latest spikes of each member in this epoch, as steps counted over all epochs from 0."""
    reported_steps: int
    """Steps done in all of which events were sent before the epoch began anew."""


OfferState = Callable[[Callable[[], FitState]], None]
"""A callback between two steps, given a function that makes the state; making it costs a copy."""


def average_of(recent: tuple[Parameters, ...]) -> Parameters:
    """The mean of several sets of parameters: float32, summed in float64.

    >>> average_of(({"bias": np.float32([1.0])}, {"bias": np.float32([2.0])}))["bias"].tolist()
    [1.5]
    """
    stacked = {name: np.stack([parameters[name] for parameters in recent]) for name in recent[0]}
    return {name: value.mean(axis=0, dtype=np.float64).astype(np.float32) for name, value in stacked.items()}


def _where(chosen_M: np.ndarray, value: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """The values of the chosen members, and those of the others, along the leading member axis."""
    return np.where(chosen_M.reshape(-1, *[1] * (value.ndim - 1)), value, otherwise)
