"""A population whose members take every step together, as products over (members, batch, units): for accelerators.

Weights, moments, counters and rates of all members are tensors, and so is whether a member's step is applied: a step
reads nothing back, and one interval of steps ends in one synchronisation. Dropout masks are made on the device from the
same counter-based numbers as in the lanes engine, so that both train the same networks but for rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor

from tailproof.arrays.ranges import as_slice, ceil_div
from tailproof.core.fit import Parameters
from tailproof.engines.batch_order import EpochRows
from tailproof.engines.fit_state import PackedState
from tailproof.engines.interface import TrainingJob
from tailproof.engines.step_batch import StepBatch
from tailproof.engines.torch.batched_network import member_losses
from tailproof.engines.torch.batched_step import BatchedStep
from tailproof.engines.torch.compiled_step import compiled_step
from tailproof.engines.torch.device_data import DeviceData
from tailproof.engines.torch.graph_capture import captured
from tailproof.engines.torch.serial import step_batch
from tailproof.models.network import Precision
from tailproof.models.packing import flatten_parameters, name_parameters
from tailproof.objectives.schedule import schedule_factors

TakeStep = Callable[..., tuple[Tensor, Tensor, Tensor]]
"""One step of all members on a batch, see ``BatchedStep.take``."""
MAX_VALUES_AT_ONCE = 1 << 26
"""Values of the widest layer, members times rows, that a pass over the validation rows holds."""


class BatchedPopulation:
    """Members side by side in every tensor.

    Args:
        job: what to train.
        device: where.
        precision: of the products.
        steps_are_compiled: whether torch compiles the full step; a shorter last batch is taken as it is.
    """

    def __init__(
        self,
        job: TrainingJob,
        device: torch.device,
        *,
        precision: Precision = "fp32",
        steps_are_compiled: bool = False,
    ) -> None:
        self.job, self.epoch = job, 1
        self._device, self._precision = device, precision
        self._step_in_epoch = 0
        self._rows = EpochRows(job)
        self._data = DeviceData.of(job, device)
        self._validation = self._data.rows(as_slice(job.validation))
        self._members = BatchedStep(job, device, precision=precision)
        take: TakeStep = self._members.take
        self._take_members_step = compiled_step(take) if steps_are_compiled else take
        self._active_M = np.ones(len(job.members), dtype=bool)
        self._set_up_rates()
        self._set_up_interval()
        measured = [self._loss_SM, self._norm_SM, self._spiked_SM]
        launch = captured(
            self._take_full_step,
            device,
            changed=[*self._members.carried, *measured, self._place_1, self._step_1],
            step_1=self._step_1,
        )
        self._take_step, self.why_not_captured = launch.take, launch.why_not_captured

    def _set_up_rates(self) -> None:
        job = self.job
        column = partial(torch.tensor, device=self._device)
        self._target_M = column([member.target for member in job.members])
        self._full_rate_M = column([member.learning_rate for member in job.members], dtype=torch.float64)
        self._rate_M, self._rate_share_M = self._full_rate_M.clone(), np.ones(len(job.members))
        optimisation = job.optimisation
        factors = schedule_factors(
            optimisation.epochs * job.steps_per_epoch,
            warmup_steps=optimisation.warmup_steps,
            schedule=optimisation.schedule,
        )
        self._factor_K = column([*factors, factors[-1]], dtype=torch.float64)

    def _set_up_interval(self) -> None:
        """Where a step finds its rows and leaves what it measured."""
        optimisation, device = self.job.optimisation, self._device
        steps = min(optimisation.log_interval, self.job.steps_per_epoch)
        self._row_N = torch.zeros(steps * optimisation.batch_size, dtype=torch.int64, device=device)
        self._loss_SM, self._norm_SM = (torch.zeros(steps, len(self.job.members), device=device) for _ in range(2))
        self._spiked_SM = torch.zeros(steps, len(self.job.members), dtype=torch.bool, device=device)
        self._place_1 = torch.zeros(1, dtype=torch.int64, device=device)
        self._step_1 = torch.zeros(1, dtype=torch.int64, device=device)

    @property
    def active_M(self) -> np.ndarray:
        """Which members train, bool; a copy."""
        return self._active_M.copy()

    @property
    def applied_M(self) -> np.ndarray:
        """Steps applied to each member so far, int64."""
        return np.asarray(self._members.applied_M.cpu().numpy().copy())

    @property
    def parameters(self) -> Parameters:
        """Copies of the current parameters by name, with a leading member axis."""
        return name_parameters(self.job.spec, self._members.flat_MP.detach().cpu().numpy())

    def advance(self) -> StepBatch:
        """Take the steps that are left of the logging interval."""
        epoch, first = self.epoch, (self.epoch - 1) * self.job.steps_per_epoch + self._step_in_epoch
        interval, size = self.job.optimisation.log_interval, self.job.optimisation.batch_size
        row_N = self._rows.of_steps(epoch, self._step_in_epoch, interval - self._step_in_epoch % interval)
        self._row_N[: len(row_N)].copy_(torch.from_numpy(row_N))
        self._place_1.zero_()
        self._step_1.fill_(first)
        for _ in range(len(row_N) // size):
            self._take_step()
        if len(row_N) % size:
            self._step(len(row_N) % size, self._members.take)
        steps = ceil_div(len(row_N), size)
        self._step_in_epoch += steps
        if self._step_in_epoch == self.job.steps_per_epoch:
            self.epoch, self._step_in_epoch = epoch + 1, 0
        measured = (self._loss_SM, self._norm_SM, self._spiked_SM)
        loss_SM, norm_SM, spiked_SM = (values[:steps].cpu().numpy() for values in measured)
        return step_batch(epoch, first, loss_SM, norm_SM, spiked_SM=spiked_SM, active_M=self._active_M)

    def _take_full_step(self) -> None:
        self._step(self.job.optimisation.batch_size, self._take_members_step)

    def _step(self, rows: int, take: TakeStep) -> None:
        """One step on the next ``rows`` rows of the interval; everything stays on the device."""
        place_N = self._place_1 * self.job.optimisation.batch_size + torch.arange(rows, device=self._device)
        batch = self._data.rows(self._row_N[place_N])
        measured = take(
            batch.x_NF,
            batch.y_NT[:, self._target_M].T,
            batch.weight_N1,
            rate_M=self._rate_M * self._factor_K[self._members.applied_M],
            step_1=self._step_1,
        )
        for column_SM, value_M in zip((self._loss_SM, self._norm_SM, self._spiked_SM), measured, strict=True):
            column_SM.index_copy_(0, self._place_1, value_M[None])
        self._place_1 += 1
        self._step_1 += 1

    def rows_of_step(self, member: int, *, epoch: int, step_in_epoch: int) -> np.ndarray:
        """The rows of ``x_NF`` that every member saw in a step (counted from 0) of an epoch."""
        del member
        return self._rows.of_steps(epoch, step_in_epoch, 1)

    @torch.no_grad()
    def validation_loss(self, parameters: Parameters | None = None) -> np.ndarray:
        """Weighted mean loss of each member over the validation rows, dropout off; NaN where there are none.

        Uses ``parameters`` where they are given, else the current ones.
        """
        rows, members = len(self.job.validation), len(self.job.members)
        if not rows:
            return np.full(members, np.nan)
        flat_MP = self._members.flat_MP
        if parameters is not None:
            flat_MP = torch.from_numpy(flatten_parameters(self.job.spec, parameters)).to(self._device)
        widest = max(shape[0] for shape in self.job.spec.parameter_shapes.values())
        at_once = max(1, MAX_VALUES_AT_ONCE // (members * widest))
        loss_M = torch.zeros(members, dtype=torch.float64, device=self._device)
        total = 0.0
        for start in range(0, rows, at_once):
            block = self._validation.rows(slice(start, start + at_once))
            weight_N1 = None if block.weight_N1 is None else block.weight_N1.double()
            weight = len(block.x_NF) if weight_N1 is None else float(weight_N1.sum())
            output_MNO = self._members.network.run(flat_MP, block.x_NF, None).double()
            target_MN = block.y_NT[:, self._target_M].T.double()
            loss_M += weight * member_losses(self._members.loss, output_MNO, target_MN, weight_N1)
            total += weight
        return np.asarray((loss_M / total).cpu().numpy())

    @torch.no_grad()
    def outputs(self, members: int, rows: slice) -> np.ndarray:
        """Current outputs of the first members for some rows, dropout off: (members, rows, outputs)."""
        return np.asarray(
            self._members.network.run(self._members.flat_MP[:members], self._data.x_NF[rows], None).cpu().numpy()
        )

    def freeze(self, stopped_M: np.ndarray) -> None:
        """Members where ``stopped_M`` is true train no more."""
        self._active_M &= ~stopped_M
        self._members.trains_M.copy_(torch.from_numpy(self._active_M))

    def state(self) -> PackedState:
        """A copy of all that later steps depend on."""
        return PackedState(
            parameters_MP=self._members.flat_MP.detach().cpu().numpy().copy(),
            first_moment_MP=self._members.first_MP.cpu().numpy().copy(),
            second_moment_MP=self._members.second_MP.cpu().numpy().copy(),
            applied_M=self.applied_M,
            trail_MK=self._members.spikes.trail_MK,
            rate_share_M=self._rate_share_M.copy(),
            active_M=self.active_M,
            epoch=self.epoch,
            step_in_epoch=self._step_in_epoch,
            steps_before_epoch=(self.epoch - 1) * self.job.steps_per_epoch,
        )

    @torch.no_grad()
    def restore(self, state: PackedState) -> None:
        """Go on from ``state``, of a population of the same job."""
        self._members.flat_MP.copy_(torch.from_numpy(state.parameters_MP))
        self._members.first_MP.copy_(torch.from_numpy(state.first_moment_MP))
        self._members.second_MP.copy_(torch.from_numpy(state.second_moment_MP))
        self._members.applied_M.copy_(torch.from_numpy(state.applied_M))
        self._members.spikes.restore(state.trail_MK)
        self._rate_share_M = state.rate_share_M.copy()
        self._rate_M.copy_(self._full_rate_M * torch.from_numpy(state.rate_share_M).to(self._device))
        self._active_M[:] = True
        self.freeze(~state.active_M)
        self.epoch, self._step_in_epoch = state.epoch, state.step_in_epoch
