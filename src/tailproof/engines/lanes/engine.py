"""The lanes engine: whole populations of small networks on the CPU, natively."""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from tailproof import _lanes
from tailproof.core.errors import ConfigError
from tailproof.core.fit import (
    EpochRecord,
    Fit,
    FitState,
    GuardEvent,
    IntervalRecord,
    OfferState,
    OnEvent,
    Parameters,
    epochs_of,
    guards_of,
    records_tree,
)
from tailproof.engines.guard import name_bad_rows, refuse_many_skips
from tailproof.engines.interface import TrainingJob
from tailproof.engines.lanes.history import Totals
from tailproof.engines.lanes.instruction_sets import chosen_instruction_set, instruction_sets
from tailproof.engines.lanes.native_records import inert_members, native_data
from tailproof.engines.lanes.population import Population, Stretch
from tailproof.engines.lanes.program import build_program, flatten_parameters
from tailproof.engines.lanes.state import LanesState
from tailproof.models.spec import NetSpec
from tailproof.objectives.schedule import schedule_factor

SECONDS_A_CALL = 0.5
"""How long the native loop may run before Python hears of it: progress and interrupts come at most this late."""


class LanesEngine:
    """Trains and runs populations in SIMD lanes; float32, CPU.

    Args:
        threads: threads that share the members; all the process may use by default. Their number changes no result.

    >>> LanesEngine(threads=1).name
    'lanes'
    """

    name = "lanes"
    together = True

    def __init__(self, *, threads: int | None = None) -> None:
        self.threads = threads if threads is not None else _cores()
        if self.threads < 1:
            raise ConfigError(f"threads must be at least 1, however: threads={self.threads}.")

    def fit(
        self, job: TrainingJob, *, on_event: OnEvent, state: FitState | None = None, offer: OfferState | None = None
    ) -> Fit:
        """Train every member of the job's population; see ``Engine.fit``.

        Events come in the order of steps, at most about half a second late.

        Raises:
            TrainingError: more than the allowed share of an epoch's steps had to be skipped.
            UnsupportedNetError: the network is too wide for the engine's random counter.
        """
        run = _Run(job, Population(job, threads=self.threads, parameters=job.start), on_event, offer)
        if state is not None:
            run.restore(state)
        while run.population.epoch <= job.optimisation.epochs and run.population.active_M.any():
            run.train_epoch(run.population.epoch)
        return Fit(
            engine=self.name,
            best_parameters=run.best.parameters,
            final_parameters=run.population.parameters,
            best_epoch_M=run.best.epoch_M,
            history=tuple(run.history),
            guard_events=tuple(run.guard_events),
        )

    def arithmetic(self, job: TrainingJob) -> dict[str, str]:
        """Whether products are fused with sums: all instruction sets that do so give the same bits."""
        del job
        (chosen,) = (found for found in instruction_sets() if found.chosen)
        return {"instruction set": "with fused multiply-add" if chosen.fused else f"{chosen.name}, without fused ones"}

    def predict(self, spec: NetSpec, parameters: Parameters, x_NF: np.ndarray) -> np.ndarray:
        """Outputs of every member with dropout off: float32, shape (members, rows, outputs)."""
        parameters_MP = flatten_parameters(spec, parameters)
        out_MNO = np.empty((len(parameters_MP), len(x_NF), spec.outputs), dtype=np.float32)
        if out_MNO.size:
            _lanes.predict(
                build_program(spec),
                native_data(x_NF, None, None),
                inert_members(len(parameters_MP)),
                parameters_MP,
                out_MNO,
                instruction_set=chosen_instruction_set(),
                threads=self.threads,
            )
        return out_MNO


def _cores() -> int:
    """Cores this process may run on, where the system tells, else cores of the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Best:
    """Each member's parameters after its best epoch."""

    def __init__(self, population: Population) -> None:
        members = len(population.job.members)
        self.parameters = population.parameters
        self.loss_M = np.full(members, np.inf)
        self.epoch_M = np.zeros(members, dtype=np.int64)

    def take(self, population: Population, validation_M: np.ndarray, epoch: int, trained_M: np.ndarray) -> None:
        """Remember the members that got better; NaN (no validation rows, or a ruined net) counts as better."""
        better_M = trained_M & ~(validation_M >= self.loss_M)
        self.loss_M[better_M] = validation_M[better_M]
        self.epoch_M[better_M] = epoch
        for name, value in population.parameters.items():
            self.parameters[name][better_M] = value[better_M]


@dataclass(kw_only=True)
class _Pace:
    """How many steps to take natively in one call, so that it lasts about SECONDS_A_CALL; changes no result."""

    steps: int = field(default=1)

    def adapt(self, *, done: int, seconds: float) -> None:
        """Learn from the last call; at most eight times as many steps as it took."""
        wanted = done * SECONDS_A_CALL / max(seconds, 1e-6)
        self.steps = max(1, int(min(wanted, 8.0 * done)))


class _Run:
    """One call of ``fit``."""

    def __init__(self, job: TrainingJob, population: Population, on_event: OnEvent, offer: OfferState | None) -> None:
        self.job = job
        self.population = population
        self.on_event = on_event
        self.offer = offer
        self.best = _Best(population)
        self.history: list[EpochRecord] = []
        self.guard_events: list[GuardEvent] = []
        self.pace = _Pace()
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        members = len(self.job.members)
        self.interval, self.totals = Totals(members), Totals(members)
        self.started = time.perf_counter()

    def state(self) -> FitState:
        """All that is carried on from here, for ``restore``; between two epochs or two stretches of one."""
        tree = {
            "population": vars(self.population.state()),
            "best": vars(self.best),
            "history": records_tree(self.history),
            "guard_events": records_tree(self.guard_events),
            "interval": vars(self.interval),
            "totals": vars(self.totals),
            "seconds": time.perf_counter() - self.started,
        }
        return copy.deepcopy(tree)

    def restore(self, state: FitState) -> None:
        """Go on from what ``state`` gave, which stays as it is."""
        state = copy.deepcopy(state)
        self.population.restore(LanesState(**state["population"]))
        vars(self.best).update(state["best"])
        self.history, self.guard_events = epochs_of(state["history"]), guards_of(state["guard_events"])
        self.interval, self.totals = Totals.from_tree(state["interval"]), Totals.from_tree(state["totals"])
        self.started = time.perf_counter() - state["seconds"]

    def train_epoch(self, epoch: int) -> None:
        """An epoch, or what is left of it."""
        trained_M = self.population.active_M
        for stretch in self._stretches(epoch):
            for segment, stop in enumerate(stretch.segment_stop):
                self._report_skips(stretch, segment)
                self.interval.add(stretch, segment)
                self.totals.add(stretch, segment)
                if self._ends_interval(stop):
                    later = int(stretch.applied_SM[segment + 1 :, 0].sum())
                    self._report_interval(stop, self.interval, learning_rate=self._learning_rate(later=later))
                    self.interval = Totals(len(self.job.members))
            self._refuse_many_skips(self.totals)
            if self.population.epoch == epoch:
                self._offer()
        self._end_epoch(epoch, self.totals, trained_M, self.started)
        self._begin_epoch()
        self._offer()

    def _offer(self) -> None:
        if self.offer is not None:
            self.offer(self.state)

    def _stretches(self, epoch: int) -> Iterator[Stretch]:
        while self.population.epoch == epoch:
            started = time.perf_counter()
            steps = min(self.pace.steps, self.population.steps_left)
            stretch = self.population.train_steps(steps)
            self.pace.adapt(done=steps, seconds=time.perf_counter() - started)
            yield stretch

    def _ends_interval(self, step: int) -> bool:
        in_epoch = (step - 1) % self.population.steps_per_epoch + 1
        return in_epoch % self.job.optimisation.log_interval == 0 or in_epoch == self.population.steps_per_epoch

    def _report_skips(self, stretch: Stretch, segment: int) -> None:
        start = stretch.segment_stop[segment - 1] if segment else 0
        for step, member in stretch.skips:
            if not start <= step < stretch.segment_stop[segment]:
                continue
            in_epoch = step % self.population.steps_per_epoch
            rows_N = self.population.rows_of_step(member, epoch=stretch.epoch, step_in_epoch=in_epoch)
            rows, reason = name_bad_rows(self.job, self.job.members[member], rows_N)
            event = GuardEvent(member=member, epoch=stretch.epoch, step=step + 1, rows=rows, reason=reason)
            self.guard_events.append(event)
            self.on_event(event)

    def _report_interval(self, step: int, totals: Totals, *, learning_rate: float) -> None:
        self.on_event(
            IntervalRecord(
                first_member=0,
                epoch=(step - 1) // self.population.steps_per_epoch + 1,
                step=step,
                learning_rate=learning_rate,
                loss_M=totals.loss_M,
                grad_norm_mean_M=totals.grad_norm_mean_M,
                grad_norm_max_M=totals.grad_norm_max_M,
                skipped_M=totals.skipped_M,
            )
        )

    def _refuse_many_skips(self, totals: Totals) -> None:
        if not totals.skipped_M.any():
            return
        worst = int(np.argmax(totals.skipped_M))
        events = [event for event in self.guard_events if event.member == worst]
        refuse_many_skips(self.job, int(totals.skipped_M[worst]), self.population.steps_per_epoch, events)

    def _learning_rate(self, *, later: int = 0) -> float:
        """Of the first member, at its last applied step but ``later``."""
        optimisation = self.job.optimisation
        factor = schedule_factor(
            max(1, int(self.population.applied_M[0]) - later),
            warmup_steps=optimisation.warmup_steps,
            total_steps=optimisation.epochs * self.population.steps_per_epoch,
            schedule=optimisation.schedule,
        )
        return self.job.members[0].learning_rate * factor

    def _end_epoch(self, epoch: int, totals: Totals, trained_M: np.ndarray, started: float) -> None:
        validation_M = self.population.validation_loss()
        self.best.take(self.population, validation_M, epoch, trained_M)
        patience = self.job.optimisation.patience
        if patience > 0:
            self.population.freeze(epoch - self.best.epoch_M >= patience)
        figures = {
            "train_loss_M": totals.loss_M,
            "validation_loss_M": validation_M,
            "grad_norm_mean_M": totals.grad_norm_mean_M,
            "grad_norm_max_M": totals.grad_norm_max_M,
            "skipped_M": totals.skipped_M,
        }
        if self.history:  # a member that no longer trains keeps the figures of its last epoch
            figures = {name: np.where(trained_M, new, getattr(self.history[-1], name)) for name, new in figures.items()}
        record = EpochRecord(
            first_member=0,
            epoch=epoch,
            learning_rate=self._learning_rate(),
            stopped_M=~self.population.active_M,
            seconds=time.perf_counter() - started,
            steps=self.population.steps_per_epoch,
            **figures,
        )
        self.history.append(record)
        self.on_event(record)
