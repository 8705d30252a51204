"""The torch engine: any device, any architecture."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch

from tailproof.core.fit import Fit, OnEvent, Parameters
from tailproof.engines.fit_loop import Stepper, fit_population
from tailproof.engines.fit_state import FitState, OfferState, PackedState, PopulationState, SerialState
from tailproof.engines.interface import TrainingJob
from tailproof.engines.torch.batched import BatchedPopulation
from tailproof.engines.torch.device import choose_device
from tailproof.engines.torch.member import forward
from tailproof.engines.torch.precision import resolved
from tailproof.engines.torch.serial import SerialPopulation
from tailproof.engines.torch.threads import threads_for
from tailproof.models.network import EngineName, Precision
from tailproof.models.piecewise_linear import embedded
from tailproof.models.spec import NetSpec
from tailproof.models.torch_modules import build_module
from tailproof.settings.running_settings import PrecisionChoice


class TorchEngine:
    """Trains and runs networks with torch.

    On the CPU in single precision it trains member after member with torch's own modules and optimizer, as the
    reference that other engines are held against; else all members take each step together.

    Args:
        device: torch device; ``auto`` is an accelerator where there is one.
        precision: of the products in training.
        together: whether all members take each step together; None decides as above.
        steps_are_compiled: whether torch compiles the step of members that train together; no other is compiled.
    """

    name: EngineName = "torch"

    def __init__(
        self,
        *,
        device: str = "auto",
        precision: PrecisionChoice = "auto",
        together: bool | None = None,
        steps_are_compiled: bool = False,
    ) -> None:
        self.device = choose_device(device)
        self.device_kind = self.device.type
        self.precision: Precision = resolved(precision, self.device)
        serial = self.device.type == "cpu" and self.precision == "fp32"
        self.trains_in_turn = serial if together is None else not together
        self.steps_are_compiled = steps_are_compiled and not self.trains_in_turn
        self.why_not_captured: str | None = None
        """Why the last population's steps were launched one operation at a time, on a device with graphs."""

    def compiled(self) -> TorchEngine:
        """The same engine with compiled steps."""
        return TorchEngine(
            device=str(self.device),
            precision=self.precision,
            together=not self.trains_in_turn,
            steps_are_compiled=True,
        )

    def fit(
        self, job: TrainingJob, *, on_event: OnEvent, state: FitState | None = None, offer: OfferState | None = None
    ) -> Fit:
        """Train every member of the job's population; see ``Engine.fit``. The state is offered once an interval.

        Raises:
            TrainingError: more than the allowed share of an epoch's steps was not finite.
        """
        job = job.embedded()
        with (
            threads_for(parameters=job.spec.parameter_count, batch_size=job.optimisation.batch_size),
            self._own_random(),
        ):
            population = self._population(job, None if state is None else state.population)
            return fit_population(self.name, job, population, on_event=on_event, offer=offer, state=state)

    def _own_random(self) -> AbstractContextManager[None]:
        """Torch's dropout draws from the global generator, which is set aside and given back; others draw nothing."""
        return torch.random.fork_rng() if self.trains_in_turn else nullcontext()

    def _population(self, job: TrainingJob, state: PopulationState | None) -> Stepper:
        """The members, continued from ``state``; they can only go on as they began."""
        if not self.trains_in_turn:
            compiled = self.steps_are_compiled
            batched = BatchedPopulation(job, self.device, precision=self.precision, steps_are_compiled=compiled)
            self.why_not_captured = batched.why_not_captured
            if state is not None:
                assert isinstance(state, PackedState), "a fit goes on with the engine that began it"
                batched.restore(state)
            return batched
        serial = SerialPopulation(job, self.device)
        if state is not None:
            assert isinstance(state, SerialState), "a fit goes on with the engine that began it"
            serial.restore(state)
        return serial

    def numerics_fingerprint(self, job: TrainingJob) -> dict[str, str]:
        """The device, the architecture that its kernels are compiled for, and the threads that share a sum."""
        with threads_for(parameters=job.spec.parameter_count, batch_size=job.optimisation.batch_size):
            threads = torch.get_num_threads()
        cpu = {"torch kernels": torch.backends.cpu.get_cpu_capability(), "torch threads": str(threads)}
        how = {
            "device": str(self.device),
            "precision": self.precision,
            "members": "together" if not self.trains_in_turn else "in turn",
        }
        compiled = {"steps": "compiled"} if self.steps_are_compiled else {}
        return {**how, **compiled, **(cpu if self.device.type == "cpu" else {})}

    def predict(self, spec: NetSpec, parameters: Parameters, x_NF: np.ndarray) -> np.ndarray:
        """Outputs of every member with dropout off: float32, (members, rows, outputs)."""
        spec, x_NF = embedded(spec, x_NF)
        x = torch.from_numpy(np.ascontiguousarray(x_NF)).to(self.device)
        members = len(next(iter(parameters.values())))
        outputs = []
        for member in range(members):
            module = build_module(spec, {name: value[member] for name, value in parameters.items()}).to(self.device)
            outputs.append(forward(module, x).cpu().numpy())
        return np.stack(outputs)
