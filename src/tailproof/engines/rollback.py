"""Going back to the beginning of an epoch with half the rate, where a member had too many spikes."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from tailproof.core.errors import TrainingError
from tailproof.core.fit import GuardEvent
from tailproof.core.surface import setting
from tailproof.engines.fit_state import PopulationState, RollbackState
from tailproof.engines.interface import TrainingJob
from tailproof.engines.spike_rule import TOO_MANY_SPIKES
from tailproof.engines.step_batch import StepBatch


class Restorable(Protocol):
    """A population that can go back to an earlier state."""

    def state(self) -> PopulationState:
        """A copy of all that later steps depend on."""
        ...

    def restore(self, state: Any) -> None:
        """Go on from ``state``."""
        ...


class Rollback:
    """Counts the spikes of an epoch, and takes the population back where there are too many.

    All members take the epoch's steps again, the one with the spikes at half its rate; the others come to the same
    bits. Events of steps that were reported before are not repeated.

    Args:
        job: what is trained.
        population: at the beginning of an epoch, or about to be restored.
    """

    def __init__(self, job: TrainingJob, population: Restorable) -> None:
        self._job, self._population = job, population
        self._rollbacks_M = np.zeros(len(job.members), dtype=np.int64)
        self.begin_epoch()

    def begin_epoch(self) -> None:
        """Note where the epoch begins."""
        self._epoch_start = self._population.state()
        self._spike_steps: list[list[int]] = [[] for _ in self._job.members]
        self.reported_steps = 0
        """Steps done in all of which events were sent before the epoch began anew."""

    @property
    def first_rate_share(self) -> float:
        """The share of its learning rate that the first member has left."""
        return float(0.5 ** self._rollbacks_M[0])

    def state(self) -> RollbackState:
        """A copy of all that is carried on."""
        return RollbackState(
            epoch_start=self._epoch_start,
            rollbacks_M=self._rollbacks_M.copy(),
            spike_steps=tuple(tuple(steps) for steps in self._spike_steps),
            reported_steps=self.reported_steps,
        )

    def restore(self, state: RollbackState) -> None:
        """Continue from a result of ``state``."""
        self._epoch_start, self._rollbacks_M = state.epoch_start, state.rollbacks_M.copy()
        self._spike_steps = [list(steps) for steps in state.spike_steps]
        self.reported_steps = state.reported_steps

    def first_excess(self, batch: StepBatch) -> tuple[int, int] | None:
        """The step (counted from 0) and member with which there were too many spikes; None where there were not."""
        rule = TOO_MANY_SPIKES
        allowed = rule.allowed(self._job.steps_per_epoch)
        for step, member in batch.spikes:
            latest = [earlier for earlier in self._spike_steps[member] if earlier > step - rule.window]
            self._spike_steps[member] = [*latest, step]
            if len(latest) >= allowed:
                return step, member
        return None

    def go_back(self, batch: StepBatch, step: int, member: int, rows_N: np.ndarray) -> GuardEvent:
        """Take the population back to the beginning of the epoch; returns what is to be reported.

        Raises:
            TrainingError: the member went back as often as it may.
        """
        spikes, number = len(self._spike_steps[member]), self._job.first_member + member + 1
        rate = self._job.members[member].learning_rate * 0.5 ** int(self._rollbacks_M[member])
        rows = ", ".join(str(row) for row in rows_N[:5])
        steps = min(TOO_MANY_SPIKES.window, self._job.steps_per_epoch)
        seen = f"{spikes} of its last {steps} steps were spikes of loss or gradient norm at a learning rate of {rate:g}"
        if self._rollbacks_M[member] >= TOO_MANY_SPIKES.rollbacks:
            raise TrainingError(
                f"at most {TOO_MANY_SPIKES.rollbacks} times may a member begin an epoch again with half the rate, but "
                f"member {number} still spikes: {seen}. The last: epoch {batch.epoch}, step {step + 1}, rows {rows}. "
                f"Correct those rows, lower {setting('learning_rate')} or {setting('max_grad_norm')}, or set "
                f"{setting('spike_limit', 0)} to skip no spike."
            )
        self._rollbacks_M[member] += 1
        self.reported_steps = max(self.reported_steps, step + 1)
        self._epoch_start = self._epoch_start.slowed(np.arange(len(self._job.members)) == member)
        self._population.restore(self._epoch_start)
        self._spike_steps = [[] for _ in self._job.members]
        reason = f"begins epoch {batch.epoch} again at half the rate: {seen}"
        return GuardEvent(member=member, epoch=batch.epoch, step=self.reported_steps, rows=(), reason=reason)
