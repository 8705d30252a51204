"""The torch engine: any device, any architecture; one member after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from tailproof.core.fit import Fit, FitState, OfferState, OnEvent, Parameters
from tailproof.engines.interface import TrainingJob
from tailproof.engines.torch.device import choose_device
from tailproof.engines.torch.member import MemberFit, fit_member
from tailproof.engines.torch.threads import threads_for
from tailproof.engines.torch.train import Resident, forward
from tailproof.models.spec import NetSpec
from tailproof.models.torch_modules import build_module


class TorchEngine:
    """Trains and runs networks with torch; the reference that the lanes engine is held against."""

    name = "torch"
    together = False

    def __init__(self, *, device: str = "auto") -> None:
        self.device = choose_device(device)

    def fit(
        self, job: TrainingJob, *, on_event: OnEvent, state: FitState | None = None, offer: OfferState | None = None
    ) -> Fit:
        """Train the members one after another; see ``Engine.fit``.

        The state is offered once a logging interval.

        Raises:
            TrainingError: more than the allowed share of an epoch's steps was not finite.
        """
        with threads_for(parameters=job.spec.parameter_count, batch_size=job.optimisation.batch_size):
            return _stack(self._fit_members(job, on_event, state, offer))

    def arithmetic(self, job: TrainingJob) -> dict[str, str]:
        """The device, what its kernels are compiled for, and the threads that share a sum."""
        with threads_for(parameters=job.spec.parameter_count, batch_size=job.optimisation.batch_size):
            threads = torch.get_num_threads()
        cpu = {"torch kernels": torch.backends.cpu.get_cpu_capability(), "torch threads": str(threads)}
        return {"device": str(self.device), **(cpu if self.device.type == "cpu" else {})}

    def _fit_members(
        self, job: TrainingJob, on_event: OnEvent, state: FitState | None, offer: OfferState | None
    ) -> list[MemberFit]:
        data_x_NF = torch.from_numpy(np.ascontiguousarray(job.x_NF)).to(self.device)
        members = [] if state is None else [MemberFit.from_tree(tree) for tree in state["finished"]]
        kept = None if state is None else state["member"]

        def offer_all(member_state: Callable[[], FitState]) -> None:
            if offer is not None:
                offer(lambda: {"finished": [each.as_tree() for each in members], "member": member_state()})

        for index, member in enumerate(job.members):
            if index < len(members):
                continue
            y_N1 = torch.from_numpy(np.ascontiguousarray(job.y_NT[:, member.target, None])).to(self.device)
            weight_N1 = None if job.weight_N is None else torch.from_numpy(job.weight_N[:, None]).to(self.device)
            data = Resident(x_NF=data_x_NF, y_N1=y_N1, weight_N1=weight_N1)
            members.append(fit_member(job, member, index, data, on_event, kept, offer_all))
            kept = None
        return members

    def predict(self, spec: NetSpec, parameters: Parameters, x_NF: np.ndarray) -> np.ndarray:
        """Outputs of every member with dropout off: float32, (members, rows, outputs)."""
        x = torch.from_numpy(np.ascontiguousarray(x_NF)).to(self.device)
        members = len(next(iter(parameters.values())))
        outputs = []
        for member in range(members):
            module = build_module(spec, {name: value[member] for name, value in parameters.items()}).to(self.device)
            outputs.append(forward(module, x).cpu().numpy())
        return np.stack(outputs)


def _stack(members: list[MemberFit]) -> Fit:
    """Members side by side; one that stopped early keeps its last epoch's figures to the end of the history."""
    epochs = max(len(member.history) for member in members)
    rows = [[member.history[min(epoch, len(member.history) - 1)] for member in members] for epoch in range(epochs)]
    arrays = ("train_loss_M", "validation_loss_M", "grad_norm_mean_M", "grad_norm_max_M", "skipped_M", "stopped_M")
    history = []
    for epoch, row in enumerate(rows):
        joined: dict[str, Any] = {name: np.concatenate([getattr(record, name) for record in row]) for name in arrays}
        seconds = sum(record.seconds for record in row)
        history.append(replace(row[0], epoch=epoch + 1, seconds=seconds, **joined))
    return Fit(
        engine=TorchEngine.name,
        best_parameters={name: np.stack([member.best[name] for member in members]) for name in members[0].best},
        final_parameters={name: np.stack([member.final[name] for member in members]) for name in members[0].final},
        best_epoch_M=np.array([member.best_epoch for member in members]),
        history=tuple(history),
        guard_events=tuple(event for member in members for event in member.guard_events),
    )
