"""A population whose members torch trains in turn, one logging interval each: the reference, for any architecture."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from tailproof.arrays.ranges import ceil_div
from tailproof.core.fit import Parameters
from tailproof.engines.batch_order import EpochRows
from tailproof.engines.fit_state import SerialState
from tailproof.engines.interface import TrainingJob
from tailproof.engines.step_batch import StepBatch
from tailproof.engines.torch.device_data import DeviceData
from tailproof.engines.torch.member import MemberTraining, forward, learning_rate_tables


class SerialPopulation:
    """Members side by side in memory; every step of a member is a step of torch's own module and optimizer.

    Args:
        job: what to train.
        device: where.
        module: somebody's own module, for a job with one member; None builds the job's networks.
    """

    def __init__(self, job: TrainingJob, device: torch.device, *, module: nn.Module | None = None) -> None:
        self.job = job
        self.epoch = 1
        self._step_in_epoch = 0
        self._rows = EpochRows(job)
        self._data = DeviceData.of(job, device)
        rates = learning_rate_tables(job, device)
        self._members = [
            MemberTraining(job, index, self._data, rates[member.learning_rate], module=module)
            for index, member in enumerate(job.members)
        ]
        self._active_M = np.ones(len(job.members), dtype=bool)

    @property
    def active_M(self) -> np.ndarray:
        """Which members train, bool; a copy."""
        return self._active_M.copy()

    @property
    def applied_M(self) -> np.ndarray:
        """Steps applied to each member so far, int64."""
        return np.array([int(member.applied_1) for member in self._members])

    @property
    def parameters(self) -> Parameters:
        """Copies of the current parameters by name, with a leading member axis."""
        members = [member.parameters for member in self._members]
        return {name: np.stack([each[name] for each in members]) for name in members[0]}

    def advance(self) -> StepBatch:
        """Take the steps that are left of the logging interval."""
        epoch, first = self.epoch, (self.epoch - 1) * self.job.steps_per_epoch + self._step_in_epoch
        interval = self.job.optimisation.log_interval
        row_N = self._rows.of_steps(epoch, self._step_in_epoch, interval - self._step_in_epoch % interval)
        rows = self._data.rows(torch.from_numpy(row_N).to(self._data.x_NF.device))
        steps = ceil_div(len(row_N), self.job.optimisation.batch_size)
        loss_SM, norm_SM = (np.zeros((steps, len(self._members)), dtype=np.float32) for _ in range(2))
        spiked_SM = np.zeros(loss_SM.shape, dtype=bool)
        for index in np.flatnonzero(self._active_M):
            loss_SM[:, index], norm_SM[:, index], spiked_SM[:, index] = self._members[index].train(rows)
        self._step_in_epoch += steps
        if self._step_in_epoch == self.job.steps_per_epoch:
            self.epoch, self._step_in_epoch = epoch + 1, 0
        return step_batch(epoch, first, loss_SM, norm_SM, spiked_SM=spiked_SM, active_M=self._active_M)

    def rows_of_step(self, member: int, *, epoch: int, step_in_epoch: int) -> np.ndarray:
        """The rows of ``x_NF`` that every member saw in a step (counted from 0) of an epoch."""
        del member
        return self._rows.of_steps(epoch, step_in_epoch, 1)

    def validation_loss(self, parameters: Parameters | None = None) -> np.ndarray:
        """Weighted mean loss of the members that train, over the validation rows, dropout off; float64.

        Uses ``parameters`` where they are given, else the current ones.
        """
        loss_M = np.full(len(self._members), np.nan)
        for index in np.flatnonzero(self._active_M):
            own = None if parameters is None else {name: value[index] for name, value in parameters.items()}
            loss_M[index] = self._members[index].validation_loss(own)
        return loss_M

    def outputs(self, members: int, rows: slice) -> np.ndarray:
        """Current outputs of the first members for some rows, dropout off: (members, rows, outputs)."""
        x_NF = self._data.x_NF[rows]
        with torch.no_grad():
            return np.stack([forward(member.module, x_NF).cpu().numpy() for member in self._members[:members]])

    def freeze(self, stopped_M: np.ndarray) -> None:
        """Members where ``stopped_M`` is true train no more."""
        self._active_M &= ~stopped_M

    def state(self) -> SerialState:
        """A copy of all that later steps depend on."""
        return SerialState(
            members=tuple(member.state() for member in self._members),
            active_M=self.active_M,
            epoch=self.epoch,
            step_in_epoch=self._step_in_epoch,
        )

    def restore(self, state: SerialState) -> None:
        """Go on from ``state``, of a population of the same job."""
        for member, member_state in zip(self._members, state.members, strict=True):
            member.restore(member_state)
        self._active_M = state.active_M.copy()
        self.epoch, self._step_in_epoch = state.epoch, state.step_in_epoch


def step_batch(
    epoch: int,
    first_step: int,
    loss_SM: np.ndarray,
    norm_SM: np.ndarray,
    *,
    spiked_SM: np.ndarray,
    active_M: np.ndarray,
) -> StepBatch:
    """One segment: the steps after ``first_step`` (done in all) with the loss and gradient norm of each member."""
    finite_SM, spiked_SM = np.isfinite(loss_SM) & np.isfinite(norm_SM), spiked_SM & active_M
    applied_SM = finite_SM & active_M & ~spiked_SM
    loss_sum_M = np.where(applied_SM, loss_SM, 0.0).sum(axis=0, dtype=np.float64)
    norm_sum_M = np.where(applied_SM, norm_SM, 0.0).sum(axis=0, dtype=np.float64)
    skipped_SM = active_M & ~finite_SM
    return StepBatch(
        epoch=epoch,
        segment_stop=(first_step + len(loss_SM),),
        loss_sum_SM=loss_sum_M[None],
        norm_sum_SM=norm_sum_M[None],
        norm_max_SM=np.where(applied_SM, norm_SM, 0.0).max(axis=0)[None],
        applied_SM=applied_SM.sum(axis=0)[None],
        skipped_SM=skipped_SM.sum(axis=0)[None],
        skips=_places(first_step, skipped_SM),
        spikes=_places(first_step, spiked_SM),
    )


def _places(first_step: int, chosen_SM: np.ndarray) -> tuple[tuple[int, int], ...]:
    return tuple((first_step + int(step), int(member)) for step, member in np.argwhere(chosen_SM))
