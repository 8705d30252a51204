"""The loop over epochs that every engine shares: events, best epochs, early stopping, guards and resuming.

An engine brings a ``Stepper``, a population that can take some steps of its epoch; everything that is reported of
the steps is worked out here, once, so that engines differ in arithmetic alone.
"""

from __future__ import annotations

import time
from typing import Any, Protocol

import numpy as np

from tailproof.arrays.scratch import blocks
from tailproof.core.fit import EpochRecord, Fit, GuardEvent, IntervalRecord, OnEvent, Parameters
from tailproof.engines.fit_state import BestEpochs, FitState, OfferState, PopulationState, Totals, average_of
from tailproof.engines.guard import SPIKE, name_bad_rows, refuse_many_skips
from tailproof.engines.interface import TrainingJob
from tailproof.engines.rollback import Rollback
from tailproof.engines.step_batch import StepBatch
from tailproof.objectives.schedule import schedule_factor


class Stepper(Protocol):
    """A population in training."""

    @property
    def epoch(self) -> int:
        """The epoch (from 1) that the next step belongs to."""
        ...

    @property
    def active_M(self) -> np.ndarray:
        """Which members train, bool; a copy."""
        ...

    @property
    def applied_M(self) -> np.ndarray:
        """Steps applied to each member so far, int64."""
        ...

    @property
    def parameters(self) -> Parameters:
        """Copies of the current parameters by name, with a leading member axis."""
        ...

    def advance(self) -> StepBatch:
        """Take some steps of the current epoch, at least one; how many changes no result."""
        ...

    def rows_of_step(self, member: int, *, epoch: int, step_in_epoch: int) -> np.ndarray:
        """The rows of ``x_NF`` that a member saw in a step (counted from 0) of an epoch."""
        ...

    def validation_loss(self, parameters: Parameters | None = None) -> np.ndarray:
        """Mean loss of each member over the validation rows, dropout off (float64); NaN where there are none.

        Uses ``parameters`` where they are given, else the current ones. It may be anything for a member that does not
        train.
        """
        ...

    def outputs(self, members: int, rows: slice) -> np.ndarray:
        """Current outputs of the first members for some rows of ``x_NF``, dropout off: (members, rows, outputs)."""
        ...

    def freeze(self, stopped_M: np.ndarray) -> None:
        """Members where ``stopped_M`` is true train no more."""
        ...

    def state(self) -> PopulationState:
        """A copy of all that later steps depend on."""
        ...

    def restore(self, state: Any) -> None:
        """Go on from ``state``, of this or another population of the same job and engine."""
        ...


def fit_population(
    engine: str,
    job: TrainingJob,
    population: Stepper,
    *,
    on_event: OnEvent,
    offer: OfferState | None,
    state: FitState | None,
) -> Fit:
    """Train a population to its end; see ``Engine.fit``. A ``state`` must already be restored into ``population``."""
    loop = _FitLoop(job, population, on_event, offer)
    if state is not None:
        loop.restore(state)
    while population.epoch <= job.optimisation.epochs and population.active_M.any():
        loop.train_epoch(population.epoch)
    return Fit(
        engine=engine,
        best_parameters=loop.best.parameters,
        final_parameters=population.parameters,
        best_epoch_M=loop.best.epoch_M,
        history=tuple(loop.history),
        guard_events=tuple(loop.guard_events),
    )


class _FitLoop:
    """One call of ``fit_population``."""

    def __init__(self, job: TrainingJob, population: Stepper, on_event: OnEvent, offer: OfferState | None) -> None:
        self.job, self.population, self.on_event, self.offer = job, population, on_event, offer
        self.best = BestEpochs.before_training(population.parameters, members=len(job.members))
        self.recent: tuple[Parameters, ...] = ()
        self.history: list[EpochRecord] = []
        self.guard_events: list[GuardEvent] = []
        self.rollback = Rollback(job, population)
        self._begin_sums()

    def _begin_sums(self) -> None:
        self.interval = self.totals = Totals.zero(len(self.job.members))
        self.started = time.perf_counter()

    def state(self) -> FitState:
        """Everything that is carried on from here; valid between two epochs or two batches of steps."""
        return FitState(
            population=self.population.state(),
            best=self.best,
            recent=self.recent,
            history=tuple(self.history),
            guard_events=tuple(self.guard_events),
            interval=self.interval,
            totals=self.totals,
            seconds=time.perf_counter() - self.started,
            rollback=self.rollback.state(),
        )

    def restore(self, state: FitState) -> None:
        """Continue from a result of ``state``."""
        self.best, self.interval, self.totals = state.best, state.interval, state.totals
        self.recent = state.recent
        self.history, self.guard_events = list(state.history), list(state.guard_events)
        self.started = time.perf_counter() - state.seconds
        self.rollback.restore(state.rollback)

    def train_epoch(self, epoch: int) -> None:
        """An epoch, or what is left of it."""
        trained_M = self.population.active_M
        while self.population.epoch == epoch:
            batch = self.population.advance()
            excess = self.rollback.first_excess(batch)
            self._take_in(batch, last=None if excess is None else excess[0])
            if excess is not None:
                self._report(self.rollback.go_back(batch, *excess, self._rows_of(batch, *excess)))
                self._begin_sums()
                continue
            self._refuse_many_skips()
            if self.population.epoch == epoch:
                self._offer()
        self._end_epoch(epoch, trained_M)
        self._begin_sums()
        self.rollback.begin_epoch()
        self._offer()

    def _take_in(self, batch: StepBatch, *, last: int | None) -> None:
        """Report the steps of a batch up to ``last`` (counted from 0; None: all), and add them to the sums."""
        for segment, stop in enumerate(batch.segment_stop):
            self._report_skips(batch, segment, last)
            if last is not None and stop > last:
                return
            self.interval = self.interval.plus(batch, segment)
            self.totals = self.totals.plus(batch, segment)
            if self._ends_interval(stop):
                self._report_interval(stop, later=int(batch.applied_SM[segment + 1 :, 0].sum()))
                self.interval = Totals.zero(len(self.job.members))

    def _offer(self) -> None:
        if self.offer is not None:
            self.offer(self.state)

    def _ends_interval(self, step: int) -> bool:
        in_epoch = (step - 1) % self.job.steps_per_epoch + 1
        return in_epoch % self.job.optimisation.log_interval == 0 or in_epoch == self.job.steps_per_epoch

    def _report_skips(self, batch: StepBatch, segment: int, last: int | None) -> None:
        start = batch.segment_stop[segment - 1] if segment else 0
        stop = batch.segment_stop[segment] if last is None else min(batch.segment_stop[segment], last + 1)
        for step, member in sorted((*batch.skips, *batch.spikes)):
            if start <= step < stop and step >= self.rollback.reported_steps:
                self._report(self._guard_event(batch, step, member))

    def _guard_event(self, batch: StepBatch, step: int, member: int) -> GuardEvent:
        rows_N = self._rows_of(batch, step, member)
        if (step, member) in batch.spikes:
            rows, reason = tuple(rows_N.tolist()), SPIKE
        else:
            rows, reason = name_bad_rows(self.job, self.job.members[member], rows_N)
        return GuardEvent(member=member, epoch=batch.epoch, step=step + 1, rows=rows, reason=reason)

    def _rows_of(self, batch: StepBatch, step: int, member: int) -> np.ndarray:
        in_epoch = step % self.job.steps_per_epoch
        return self.population.rows_of_step(member, epoch=batch.epoch, step_in_epoch=in_epoch)

    def _report(self, event: GuardEvent) -> None:
        self.guard_events.append(event)
        self.on_event(event)

    def _report_interval(self, step: int, *, later: int) -> None:
        if step <= self.rollback.reported_steps:
            return
        self.on_event(
            IntervalRecord(
                epoch=(step - 1) // self.job.steps_per_epoch + 1,
                step=step,
                learning_rate=self._learning_rate(later=later),
                loss_M=self.interval.loss_M,
                grad_norm_mean_M=self.interval.grad_norm_mean_M,
                grad_norm_max_M=self.interval.grad_norm_max_M,
                skipped_M=self.interval.skipped_M + self.interval.spiked_M,
            )
        )

    def _refuse_many_skips(self) -> None:
        skipped_M = self.totals.skipped_M
        if not skipped_M.any():
            return
        worst = int(np.argmax(skipped_M))
        events = [
            event for event in self.guard_events if event.member == worst and event.reason != SPIKE and event.rows
        ]
        refuse_many_skips(self.job, int(skipped_M[worst]), self.job.steps_per_epoch, events)

    def _learning_rate(self, *, later: int = 0) -> float:
        """Learning rate of the first member at its last applied step but ``later``."""
        optimisation = self.job.optimisation
        factor = schedule_factor(
            max(1, int(self.population.applied_M[0]) - later),
            warmup_steps=optimisation.warmup_steps,
            total_steps=optimisation.epochs * self.job.steps_per_epoch,
            schedule=optimisation.schedule,
        )
        return self.job.members[0].learning_rate * self.rollback.first_rate_share * factor

    def _try_average(self, epoch: int, parameters: Parameters, trained_M: np.ndarray) -> None:
        """Keep the mean of the latest epochs' weights for the members that it serves best."""
        count = self.job.optimisation.average_epochs
        if count == 1:
            return
        self.recent = (*self.recent, parameters)[-count:]
        if len(self.recent) > 1:
            average = average_of(self.recent)
            self.best = self.best.after(epoch, average, self.population.validation_loss(average), trained_M)

    def _validation_mae(self) -> np.ndarray:
        """Mean absolute error of the measured members over the validation rows, NaN for the others (float64)."""
        job, start = self.job, self.job.validation.start
        mae_M = np.full(len(job.members), np.nan)
        measured = min(max(job.measured_members - job.first_member, 0), len(job.members))
        if not measured or not len(job.validation):
            return mae_M
        target_M = [member.target for member in job.members[:measured]]
        sum_M, total = np.zeros(measured), 0.0
        for block in blocks(len(job.validation)):
            rows = slice(start + block.start, start + block.stop)
            error_MNO = self.population.outputs(measured, rows) - job.y_NT[rows, target_M].T[:, :, None]
            weight_N = np.ones(error_MNO.shape[1]) if job.weight_N is None else job.weight_N[rows].astype(np.float64)
            sum_M += np.add.reduce(np.abs(error_MNO).mean(axis=2, dtype=np.float64) * weight_N, axis=1)
            total += weight_N.sum()
        mae_M[:measured] = sum_M / total
        return mae_M

    def _end_epoch(self, epoch: int, trained_M: np.ndarray) -> None:
        validation_M = self.population.validation_loss()
        parameters = self.population.parameters
        self.best = self.best.after(epoch, parameters, validation_M, trained_M)
        self._try_average(epoch, parameters, trained_M)
        patience = self.job.optimisation.patience
        if patience > 0:
            self.population.freeze(epoch - self.best.epoch_M >= patience)
        figures = {
            "train_loss_M": self.totals.loss_M,
            "validation_loss_M": validation_M,
            "validation_mae_M": self._validation_mae(),
            "grad_norm_mean_M": self.totals.grad_norm_mean_M,
            "grad_norm_max_M": self.totals.grad_norm_max_M,
            "skipped_M": self.totals.skipped_M + self.totals.spiked_M,
        }
        if self.history:  # a member that no longer trains keeps the figures of its last epoch
            figures = {name: np.where(trained_M, new, getattr(self.history[-1], name)) for name, new in figures.items()}
        record = EpochRecord(
            epoch=epoch,
            learning_rate=self._learning_rate(),
            stopped_M=~self.population.active_M,
            seconds=time.perf_counter() - self.started,
            steps=self.job.steps_per_epoch,
            **figures,
        )
        self.history.append(record)
        self.on_event(record)
