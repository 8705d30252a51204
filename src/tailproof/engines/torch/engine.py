"""The torch engine: any device, any architecture."""

from __future__ import annotations

import numpy as np
import torch

from tailproof.core.fit import Fit, OnEvent, Parameters
from tailproof.engines.fit_loop import fit_population
from tailproof.engines.fit_state import FitState, OfferState, TorchState
from tailproof.engines.interface import TrainingJob
from tailproof.engines.torch.device import choose_device
from tailproof.engines.torch.member import forward
from tailproof.engines.torch.serial import SerialPopulation
from tailproof.engines.torch.threads import threads_for
from tailproof.models.network import EngineName, Precision
from tailproof.models.spec import NetSpec
from tailproof.models.torch_modules import build_module


class TorchEngine:
    """Trains and runs networks with torch; the reference that the lanes engine is held against."""

    name: EngineName = "torch"

    def __init__(self, *, device: str = "auto") -> None:
        self.device = choose_device(device)
        self.device_kind = self.device.type
        self.precision: Precision = "bf16" if self.device.type == "cuda" else "fp32"

    def fit(
        self, job: TrainingJob, *, on_event: OnEvent, state: FitState | None = None, offer: OfferState | None = None
    ) -> Fit:
        """Train every member of the job's population; see ``Engine.fit``. The state is offered once an interval.

        Raises:
            TrainingError: more than the allowed share of an epoch's steps was not finite.
        """
        # Dropout in torch draws from the global generator, which is set aside and given back.
        with (
            threads_for(parameters=job.spec.parameter_count, batch_size=job.optimisation.batch_size),
            torch.random.fork_rng(),
        ):
            population = SerialPopulation(job, self.device)
            if state is not None:
                assert isinstance(state.population, TorchState), "a fit goes on with the engine that began it"
                population.restore(state.population)
            return fit_population(self.name, job, population, on_event=on_event, offer=offer, state=state)

    def numerics_fingerprint(self, job: TrainingJob) -> dict[str, str]:
        """The device, what its kernels are compiled for, and the threads that share a sum."""
        with threads_for(parameters=job.spec.parameter_count, batch_size=job.optimisation.batch_size):
            threads = torch.get_num_threads()
        cpu = {"torch kernels": torch.backends.cpu.get_cpu_capability(), "torch threads": str(threads)}
        return {"device": str(self.device), **(cpu if self.device.type == "cpu" else {})}

    def predict(self, spec: NetSpec, parameters: Parameters, x_NF: np.ndarray) -> np.ndarray:
        """Outputs of every member with dropout off: float32, (members, rows, outputs)."""
        x = torch.from_numpy(np.ascontiguousarray(x_NF)).to(self.device)
        members = len(next(iter(parameters.values())))
        outputs = []
        for member in range(members):
            module = build_module(spec, {name: value[member] for name, value in parameters.items()}).to(self.device)
            outputs.append(forward(module, x).cpu().numpy())
        return np.stack(outputs)
