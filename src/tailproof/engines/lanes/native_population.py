"""A population in training, step by step: the lower level of the lanes engine, for jobs that stop and resume."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from tailproof import _lanes
from tailproof._lanes import MAX_DROPOUT_ROWS
from tailproof.core.errors import ConfigError
from tailproof.core.fit import Parameters
from tailproof.core.randomness import generator
from tailproof.core.surface import key, setting
from tailproof.engines.batch_order import batch_order
from tailproof.engines.fit_state import PackedState
from tailproof.engines.interface import TrainingJob
from tailproof.engines.lanes.instruction_sets import chosen_instruction_set
from tailproof.engines.lanes.native_records import (
    native_data,
    native_members,
    native_objective,
    native_settings,
    record_data,
    records_pay,
)
from tailproof.engines.lanes.program import build_program
from tailproof.engines.spike_rule import empty_trails
from tailproof.engines.step_batch import StepBatch
from tailproof.models.initialise import initial_population
from tailproof.models.packing import flatten_parameters, name_parameters, parameter_places

EpochOrder = Callable[[int], np.ndarray]
"""Maps the epoch (from 1) to the int32 rows it visits, in order; (members, rows) where members have their own."""


class Population:
    """Networks of one architecture, trained together, one SIMD lane each.

    A member's training depends on its own record, the job's data and the order of its rows: not on the other members,
    on ``threads`` or on how its steps are cut into calls. That holds bit for bit on one instruction set and between
    instruction sets with fused multiply-add.

    Args:
        job: the data, the network and its members.
        threads: how many threads share the members.
        parameters: initial parameters with a leading member axis; drawn from the members' seeds by default.
        order: rows of each epoch; ``engines.batch_order.batch_order`` of the job by default.
        row_offset_M: moves each member's rows around the training range by so many rows, so that members see different
            rows in the same step; 0 for all by default.

    >>> from tailproof.engines.interface import Member, Optimisation
    >>> from tailproof.models.spec import robust_financial_net
    >>> from tailproof.objectives.objective import Objective
    >>> rng = np.random.default_rng(0)
    >>> job = TrainingJob(
    ...     spec=robust_financial_net(inputs=5, hidden_dims=(16, 8), dropout_rate=0.1),
    ...     objective=Objective(),
    ...     optimisation=Optimisation(epochs=1, batch_size=16, warmup_steps=10, schedule="constant", max_grad_norm=1.0,
    ...                               patience=0, log_interval=100),
    ...     members=tuple(Member(seed=s, learning_rate=1e-3, weight_decay=0.01, dropout_rate=0.1) for s in range(3)),
    ...     seed=0, x_NF=rng.normal(size=(320, 5)).astype(np.float32), y_NT=rng.random((320, 1)).astype(np.float32),
    ...     train=range(320), validation=range(0),
    ... )
    >>> population = Population(job)
    >>> population.train_steps(20).applied_SM.tolist()
    [[20, 20, 20]]
    """

    def __init__(
        self,
        job: TrainingJob,
        *,
        threads: int = 1,
        parameters: Parameters | None = None,
        order: EpochOrder | None = None,
        row_offset_M: Sequence[int] | None = None,
    ) -> None:
        if threads < 1:
            raise ConfigError(f"threads must be at least 1, got {threads}.")
        _check_batch(job)
        self.job = job
        self.threads = threads
        self.instruction_set = chosen_instruction_set()
        self._run = _lanes.Run(instruction_set=self.instruction_set, threads=threads)
        self.steps_per_epoch = job.steps_per_epoch
        self._order = order or (lambda epoch: batch_order(job.train, seed=job.seed, epoch=epoch, window=job.window))
        self._row_offset_M = row_offset_M
        self._data = native_data(job.x_NF, job.y_NT, job.weight_N)
        self._record_data: _lanes.Data | None = None
        self._epoch_orders: tuple[int, list[np.ndarray]] = (0, [])
        seeds = [generator(member.seed, "initial weights") for member in job.members]
        self.restore(_fresh_state(job, parameters or initial_population(job.spec, seeds)))

    @property
    def epoch(self) -> int:
        """The epoch (from 1) that the next step belongs to."""
        return self._state.epoch

    @property
    def steps_left(self) -> int:
        """Steps until the current epoch ends."""
        return self.steps_per_epoch - self._state.step_in_epoch

    @property
    def parameters(self) -> Parameters:
        """Copies of the current parameters by name, with a leading member axis."""
        return name_parameters(self.job.spec, self._state.parameters_MP)

    @property
    def active_M(self) -> np.ndarray:
        """Which members train, bool; a copy."""
        return self._state.active_M.copy()

    @property
    def applied_M(self) -> np.ndarray:
        """Steps applied to each member so far, int64; a copy."""
        return self._state.applied_M.copy()

    def freeze(self, stopped_M: np.ndarray) -> None:
        """Members where ``stopped_M`` is true train no more."""
        self._state.active_M[stopped_M] = False

    def state(self) -> PackedState:
        """A copy of everything that later steps depend on."""
        return self._state.copy()

    def restore(self, state: PackedState) -> None:
        """Go on from ``state``, of this or another population of the same job.

        Raises:
            ConfigError: the state is of another number of members or parameters.
        """
        expected = (len(self.job.members), parameter_places(self.job.spec)[1])
        if state.parameters_MP.shape != expected:
            raise ConfigError(f"a state must hold (members, parameters) = {expected}, got {state.parameters_MP.shape}.")
        self._state = state.copy()
        self._members = native_members(self.job.members, self._row_offset_M, rate_share_M=state.rate_share_M)
        self._native_job = self._job_of(self._data)
        self._record_job: _lanes.Job | None = None

    def train_steps(self, count: int) -> StepBatch:
        """Take ``count`` steps, or as many as the current epoch still has.

        Rows of ``train`` are visited in the epoch's order. A member whose loss or gradient is not finite, or a spike,
        keeps its weights, moments and applied-step counter in that step.
        """
        state = self._state
        first, last = state.step_in_epoch, min(state.step_in_epoch + count, self.steps_per_epoch)
        orders = self._orders_of(state.epoch)
        records = _lanes.train(
            self._job_for(orders),
            _lanes.State(
                state.parameters_MP, state.first_moment_MP, state.second_moment_MP, state.applied_M, state.trail_MK
            ),
            _lanes.Steps(
                orders=orders,
                rows=(self.job.train.start, self.job.train.stop),
                before=state.steps_before_epoch,
                first=first,
                last=last,
                log_interval=self.job.optimisation.log_interval,
            ),
            np.flatnonzero(state.active_M).tolist(),
            self._run,
        )
        self._advance(last)
        return StepBatch(
            epoch=state.epoch,
            segment_stop=tuple(records.segment_stop),
            loss_sum_SM=records.loss_sum_SM,
            norm_sum_SM=records.norm_sum_SM,
            norm_max_SM=records.norm_max_SM,
            applied_SM=records.applied_SM,
            skipped_SM=records.skipped_SM,
            skips=tuple(records.skips),
            spikes=tuple(records.spikes),
        )

    def rows_of_step(self, member: int, *, epoch: int, step_in_epoch: int) -> np.ndarray:
        """The rows of ``x_NF`` that a member saw in a step (counted from 0) of an epoch."""
        orders = self._orders_of(epoch)
        order_N = orders[0] if len(orders) == 1 else orders[member]
        size = self.job.optimisation.batch_size
        rows_N = order_N[step_in_epoch * size : (step_in_epoch + 1) * size].astype(np.int64)
        train = self.job.train
        return train.start + (rows_N - train.start + self._members.row_offset[member]) % len(train)

    def batch_gradient(self, rows_N: np.ndarray, *, step: int = 0) -> tuple[np.ndarray, Parameters]:
        """Each member's loss on a batch and its gradient by name, dropout as in step ``step``; nothing is changed.

        ``rows_N`` are int32 rows of ``x_NF``. Returns float32 losses (members,) and gradients shaped as the parameters.
        """
        rows_N = np.ascontiguousarray(rows_N, dtype=np.int32)
        loss_1M, gradient_MP = _lanes.gradient(self._native_job, self._state.parameters_MP, rows_N, step, self._run)
        return loss_1M[0], name_parameters(self.job.spec, gradient_MP)

    def validation_loss(self, parameters: Parameters | None = None) -> np.ndarray:
        """Weighted mean loss over the validation rows, dropout off: float64 (members,); NaN where there are none.

        Uses ``parameters`` where they are given, else the current ones.
        """
        rows = self.job.validation
        if not len(rows):
            return np.full(len(self.job.members), np.nan)
        current_MP = self._state.parameters_MP
        parameters_MP = current_MP if parameters is None else flatten_parameters(self.job.spec, parameters)
        loss_M = _lanes.evaluate(self._native_job, parameters_MP, (rows.start, rows.stop), self._run)
        return np.array(loss_M)

    def outputs(self, members: int, rows: slice) -> np.ndarray:
        """Current outputs of the first members for some rows, dropout off: float32, (members, rows, outputs)."""
        x_NF, spec = self.job.x_NF[rows], self.job.spec
        out_MNO = np.empty((members, len(x_NF), spec.outputs), dtype=np.float32)
        parameters_MP = self._state.parameters_MP[:members]
        _lanes.predict(build_program(spec), native_data(x_NF, None, None), parameters_MP, out_MNO, self._run)
        return out_MNO

    def _orders_of(self, epoch: int) -> list[np.ndarray]:
        if self._epoch_orders[0] != epoch:
            order = np.ascontiguousarray(self._order(epoch), dtype=np.int32)
            self._epoch_orders = (epoch, list(order) if order.ndim == 2 else [order])
        return self._epoch_orders[1]

    def _job_for(self, orders: list[np.ndarray]) -> _lanes.Job:
        shared = len(orders) == 1 and len(set(self._members.row_offset)) == 1
        if shared and not records_pay(self.job):
            return self._native_job
        if self._record_job is None:
            self._record_data = self._record_data or record_data(self.job)
            self._record_job = self._job_of(self._record_data)
        return self._record_job

    def _job_of(self, data: _lanes.Data) -> _lanes.Job:
        objective, settings = native_objective(self.job.objective), native_settings(self.job)
        return _lanes.Job(build_program(self.job.spec), data, objective, settings, self._members)

    def _advance(self, step_in_epoch: int) -> None:
        state = self._state
        ended = step_in_epoch == self.steps_per_epoch
        self._state = replace(
            state,
            epoch=state.epoch + ended,
            step_in_epoch=0 if ended else step_in_epoch,
            steps_before_epoch=state.steps_before_epoch + (self.steps_per_epoch if ended else 0),
        )


def _fresh_state(job: TrainingJob, parameters: Parameters) -> PackedState:
    parameters_MP = flatten_parameters(job.spec, parameters)
    return PackedState(
        parameters_MP=parameters_MP,
        first_moment_MP=np.zeros_like(parameters_MP),
        second_moment_MP=np.zeros_like(parameters_MP),
        applied_M=np.zeros(len(job.members), dtype=np.int64),
        trail_MK=empty_trails(len(job.members)),
        rate_share_M=np.ones(len(job.members)),
        active_M=np.ones(len(job.members), dtype=bool),
        epoch=1,
        step_in_epoch=0,
        steps_before_epoch=0,
    )


def _check_batch(job: TrainingJob) -> None:
    size = job.optimisation.batch_size
    if size > MAX_DROPOUT_ROWS and any(member.dropout_rate > 0.0 for member in job.members):
        raise ConfigError(
            f"{key('batch_size')} must be at most {MAX_DROPOUT_ROWS} with dropout, got {size}. "
            f"Set a smaller {setting('batch_size')} or {setting('dropout_rate', 0)}."
        )
