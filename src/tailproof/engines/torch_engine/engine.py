"""The torch engine: any device, any architecture; one member after another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tailproof.core.fit import EpochRecord, Event, Fit, GuardEvent, OnEvent, Parameters
from tailproof.core.randomness import counter_key, generator
from tailproof.engines.guard import refuse_many_skips
from tailproof.engines.protocol import Member, TrainingJob
from tailproof.engines.torch_engine.device import choose_device
from tailproof.engines.torch_engine.losses import batch_loss
from tailproof.engines.torch_engine.threads import threads_for
from tailproof.engines.torch_engine.train import EpochTotals, MemberTraining, Resident, forward
from tailproof.nets.initialise import initial_parameters
from tailproof.nets.spec import NetSpec
from tailproof.nets.torch_modules import build_module, module_parameters


class TorchEngine:
    """Trains and runs networks with torch; the reference that the lanes engine is held against."""

    name = "torch"

    def __init__(self, *, device: str = "auto") -> None:
        self.device = choose_device(device)

    def fit(self, job: TrainingJob, *, on_event: OnEvent) -> Fit:
        """Train the members one after another; see ``Engine.fit``.

        Raises:
            TrainingError: more than the allowed share of an epoch's steps was not finite.
        """
        with threads_for(parameters=job.spec.parameter_count, batch_size=job.optimisation.batch_size):
            return _stack(self._fit_members(job, on_event))

    def _fit_members(self, job: TrainingJob, on_event: OnEvent) -> list[_MemberFit]:
        data_x_NF = torch.from_numpy(np.ascontiguousarray(job.x_NF)).to(self.device)
        members = []
        for index, member in enumerate(job.members):
            y_N1 = torch.from_numpy(np.ascontiguousarray(job.y_NT[:, member.target, None])).to(self.device)
            weight_N1 = None if job.weight_N is None else torch.from_numpy(job.weight_N[:, None]).to(self.device)
            data = Resident(x_NF=data_x_NF, y_N1=y_N1, weight_N1=weight_N1)
            members.append(_fit_member(job, member, index, data, on_event))
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


@dataclass(frozen=True, kw_only=True)
class _MemberFit:
    best: Parameters
    final: Parameters
    best_epoch: int
    history: list[EpochRecord]
    guard_events: list[GuardEvent]


def _fit_member(job: TrainingJob, member: Member, index: int, data: Resident, on_event: OnEvent) -> _MemberFit:
    module = build_module(job.spec, _first_parameters(job, member, index))
    for layer in module.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = member.dropout_rate
    module.to(data.x_NF.device)
    training = MemberTraining(job, member, module, data)
    best, best_epoch, best_loss = module_parameters(module), 0, float("inf")
    history: list[EpochRecord] = []
    guard_events: list[GuardEvent] = []

    def forward_event(event: Event) -> None:
        if isinstance(event, GuardEvent):
            guard_events.append(event)
        on_event(event)

    # Dropout in torch draws from the global generator, so that one is set aside and given back.
    with torch.random.fork_rng():
        torch.manual_seed(counter_key(member.seed, "dropout") >> 1)
        for epoch in range(1, job.optimisation.epochs + 1):
            totals = training.run_epoch(epoch, index=index, on_event=forward_event)
            refuse_many_skips(totals.skipped, totals.steps, guard_events, limit=job.optimisation.max_skipped_share)
            validation = _validation_loss(job, module, data)
            if not validation >= best_loss:
                best, best_epoch, best_loss = module_parameters(module), epoch, validation
            patience = job.optimisation.patience
            stopped = 0 < patience <= epoch - best_epoch
            history.append(_epoch_record(index, epoch, totals, validation, stopped=stopped))
            forward_event(history[-1])
            if stopped:
                break
    return _MemberFit(
        best=best,
        final=module_parameters(module),
        best_epoch=best_epoch,
        history=history,
        guard_events=guard_events,
    )


def _first_parameters(job: TrainingJob, member: Member, index: int) -> Parameters:
    if job.start is not None:
        return {name: value[index] for name, value in job.start.items()}
    return initial_parameters(job.spec, generator(member.seed, "initial weights"))


def _validation_loss(job: TrainingJob, module: nn.Sequential, data: Resident) -> float:
    """NaN where there are no validation rows, so that the latest epoch always counts as the best."""
    if not len(job.validation):
        return float("nan")
    rows = slice(job.validation.start, job.validation.stop)
    output_NO = forward(module, data.x_NF[rows]).double()
    weight_N1: Tensor | None = None if data.weight_N1 is None else data.weight_N1[rows].double()
    return float(batch_loss(job.objective, output_NO, data.y_N1[rows].double(), weight_N1))


def _epoch_record(index: int, epoch: int, totals: EpochTotals, validation: float, *, stopped: bool) -> EpochRecord:
    return EpochRecord(
        first_member=index,
        epoch=epoch,
        train_loss_M=np.array([totals.train_loss]),
        validation_loss_M=np.array([validation]),
        learning_rate=totals.learning_rate,
        grad_norm_mean_M=np.array([totals.grad_norm_mean]),
        grad_norm_max_M=np.array([totals.grad_norm_max]),
        skipped_M=np.array([totals.skipped]),
        stopped_M=np.array([stopped]),
        seconds=totals.seconds,
        steps=totals.steps,
    )


def _stack(members: list[_MemberFit]) -> Fit:
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
