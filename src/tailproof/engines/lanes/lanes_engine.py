"""The lanes engine: whole populations of small networks on the CPU, natively."""

from __future__ import annotations

import time

import numpy as np

from tailproof import _lanes
from tailproof.arrays.parallel import usable_cores
from tailproof.core.errors import ConfigError
from tailproof.core.fit import Fit, OnEvent, Parameters
from tailproof.engines.fit_loop import fit_population
from tailproof.engines.fit_state import FitState, OfferState, PackedState
from tailproof.engines.interface import TrainingJob
from tailproof.engines.lanes.instruction_sets import chosen_instruction_set, instruction_sets
from tailproof.engines.lanes.native_population import Population
from tailproof.engines.lanes.native_records import native_data
from tailproof.engines.lanes.program import build_program
from tailproof.engines.step_batch import StepBatch
from tailproof.models.network import EngineName, Precision
from tailproof.models.packing import flatten_parameters
from tailproof.models.piecewise_linear import embedded
from tailproof.models.spec import NetSpec

SECONDS_PER_CALL = 0.5
"""How long the native loop may run before Python regains control: progress and interrupts come at most this late."""


class LanesEngine:
    """Trains and runs populations in SIMD lanes; float32, CPU.

    Args:
        threads: threads that share the members; all the process may use by default. Their number changes no result.
        seconds_per_call: how long the native loop runs between two looks at events and interrupts, by default
            ``SECONDS_PER_CALL``; changes no result.

    >>> LanesEngine(threads=1).name
    'lanes'
    """

    name: EngineName = "lanes"
    device_kind = "cpu"
    precision: Precision = "fp32"
    trains_in_turn = False

    def __init__(self, *, threads: int | None = None, seconds_per_call: float | None = None) -> None:
        self.threads = threads if threads is not None else usable_cores()
        if self.threads < 1:
            raise ConfigError(f"threads must be at least 1, got {self.threads}.")
        self._seconds_per_call = SECONDS_PER_CALL if seconds_per_call is None else seconds_per_call

    def fit(
        self, job: TrainingJob, *, on_event: OnEvent, state: FitState | None = None, offer: OfferState | None = None
    ) -> Fit:
        """Train every member of the job's population; see ``Engine.fit``.

        Events come at most about half a second late.

        Raises:
            TrainingError: more than the allowed share of an epoch's steps had to be skipped.
            UnsupportedNetError: the network is too wide for the engine's random counter.
        """
        job = job.embedded()
        population = PacedPopulation(
            job, threads=self.threads, parameters=job.start, seconds_per_call=self._seconds_per_call
        )
        if state is not None:
            assert isinstance(state.population, PackedState), "a fit goes on with the engine that began it"
            population.restore(state.population)
        return fit_population(self.name, job, population, on_event=on_event, offer=offer, state=state)

    def numerics_fingerprint(self, job: TrainingJob) -> dict[str, str]:
        """Whether products are fused with sums: all instruction sets that do so give the same bits."""
        del job
        (chosen,) = (each for each in instruction_sets() if each.chosen)
        return {"instruction set": "with fused multiply-add" if chosen.fused else f"{chosen.name}, without fused ones"}

    def predict(self, spec: NetSpec, parameters: Parameters, x_NF: np.ndarray) -> np.ndarray:
        """Outputs of every member with dropout off: float32, shape (members, rows, outputs)."""
        spec, x_NF = embedded(spec, x_NF)
        parameters_MP = flatten_parameters(spec, parameters)
        out_MNO = np.empty((len(parameters_MP), len(x_NF), spec.outputs), dtype=np.float32)
        if out_MNO.size:
            run = _lanes.Run(instruction_set=chosen_instruction_set(), threads=self.threads)
            _lanes.predict(build_program(spec), native_data(x_NF, None, None), parameters_MP, out_MNO, run)
        return out_MNO


class PacedPopulation(Population):
    """A population that takes as many steps at once as fit into a stretch of time.

    Args:
        job: as for ``Population``.
        threads: as for ``Population``.
        parameters: as for ``Population``.
        seconds_per_call: how long a call may take; the number of steps at most grows eightfold from call to call.
    """

    def __init__(
        self, job: TrainingJob, *, threads: int, parameters: Parameters | None, seconds_per_call: float
    ) -> None:
        super().__init__(job, threads=threads, parameters=parameters)
        self._seconds_per_call = seconds_per_call
        self._steps = 1

    def advance(self) -> StepBatch:
        """Take steps of the current epoch for about ``seconds_per_call``, judged by the last call."""
        steps, started = min(self._steps, self.steps_left), time.perf_counter()
        batch = self.train_steps(steps)
        wanted = steps * self._seconds_per_call / max(time.perf_counter() - started, 1e-6)
        self._steps = max(1, int(min(wanted, 8.0 * steps)))
        return batch
