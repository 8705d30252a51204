"""One member from its first step to its last, or from where it was stopped."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tailproof.arrays.ranges import as_slice
from tailproof.core.fit import (
    EpochRecord,
    Event,
    FitState,
    GuardEvent,
    OfferState,
    OnEvent,
    Parameters,
    epochs_of,
    guards_of,
    records_tree,
)
from tailproof.core.randomness import counter_key, generator
from tailproof.engines.guard import refuse_many_skips
from tailproof.engines.interface import Member, TrainingJob
from tailproof.engines.torch.losses import batch_loss
from tailproof.engines.torch.train import EpochTotals, MemberTraining, Resident, forward
from tailproof.models.initialise import initial_parameters
from tailproof.models.torch_modules import build_module, module_parameters


@dataclass(frozen=True, kw_only=True)
class MemberFit:
    """A trained member."""

    best: Parameters
    final: Parameters
    best_epoch: int
    history: list[EpochRecord]
    guard_events: list[GuardEvent]

    def as_tree(self) -> dict[str, Any]:
        """Plain values and arrays, for keeping in a file; ``from_tree`` reads them."""
        return {**vars(self), "history": records_tree(self.history), "guard_events": records_tree(self.guard_events)}

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any]) -> MemberFit:
        """The member that ``as_tree`` was made of."""
        history, guard_events = epochs_of(tree["history"]), guards_of(tree["guard_events"])
        return cls(**{**tree, "history": history, "guard_events": guard_events})


def fit_member(
    job: TrainingJob,
    member: Member,
    index: int,
    data: Resident,
    on_event: OnEvent,
    state: FitState | None,
    offer: OfferState,
) -> MemberFit:
    """Train a member of the job, the ``index``-th from 0; ``state`` and ``offer`` are as in ``Engine.fit``, of it
    alone."""
    run = _MemberRun(job, member, index, data, on_event, offer)
    # Dropout in torch draws from the global generator, so that one is set aside and given back.
    with torch.random.fork_rng():
        if state is None:
            torch.manual_seed(counter_key(member.seed, "dropout") >> 1)
        else:
            run.restore(state)
        while not run.ended:
            run.train_epoch()
    return MemberFit(
        best=run.best,
        final=module_parameters(run.module),
        best_epoch=run.best_epoch,
        history=run.history,
        guard_events=run.guard_events,
    )


class _MemberRun:
    """One call of ``fit_member``."""

    def __init__(
        self,
        job: TrainingJob,
        member: Member,
        index: int,
        data: Resident,
        on_event: OnEvent,
        offer: OfferState,
    ) -> None:
        self.job, self.index, self.data = job, index, data
        self.on_event, self.offer = on_event, offer
        self.module = build_module(job.spec, _first_parameters(job, member, index))
        for layer in self.module.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = member.dropout_rate
        self.module.to(data.x_NF.device)
        self.training = MemberTraining(job, member, self.module, data)
        self.best, self.best_epoch, self.best_loss = module_parameters(self.module), 0, float("inf")
        self.history: list[EpochRecord] = []
        self.guard_events: list[GuardEvent] = []

    @property
    def ended(self) -> bool:
        """Whether every epoch is done, or the member was stopped early."""
        done = self.history
        return bool(done) and (bool(done[-1].stopped_M[0]) or len(done) == self.job.optimisation.epochs)

    def state(self) -> FitState:
        """All that is carried on from here, for ``restore``."""
        tree = {
            "training": self.training.state(),
            "best": self.best,
            "best_epoch": self.best_epoch,
            "best_loss": self.best_loss,
            "history": records_tree(self.history),
            "guard_events": records_tree(self.guard_events),
            "random": _generator_of(self.data).get_rng_state().numpy(),
        }
        return copy.deepcopy(tree)

    def restore(self, state: FitState) -> None:
        """Go on from what ``state`` gave, which stays as it is."""
        state = copy.deepcopy(state)
        self.training.restore(state["training"])
        self.best, self.best_epoch, self.best_loss = state["best"], state["best_epoch"], state["best_loss"]
        self.history, self.guard_events = epochs_of(state["history"]), guards_of(state["guard_events"])
        _generator_of(self.data).set_rng_state(torch.from_numpy(state["random"]))

    def train_epoch(self) -> None:
        """An epoch, or what is left of it."""
        epoch, optimisation = len(self.history) + 1, self.job.optimisation
        totals = self.training.run_epoch(
            epoch, index=self.index, on_event=self._tell, on_interval=lambda: self.offer(self.state)
        )
        refuse_many_skips(self.job, totals.skipped, totals.steps, self.guard_events)
        validation = _validation_loss(self.job, self.module, self.data)
        if not validation >= self.best_loss:
            self.best, self.best_epoch, self.best_loss = module_parameters(self.module), epoch, validation
        stopped = 0 < optimisation.patience <= epoch - self.best_epoch
        self.history.append(_epoch_record(self.index, epoch, totals, validation, stopped=stopped))
        self._tell(self.history[-1])
        self.offer(self.state)

    def _tell(self, event: Event) -> None:
        if isinstance(event, GuardEvent):
            self.guard_events.append(event)
        self.on_event(event)


def _generator_of(data: Resident) -> Any:
    """The module of torch that holds the generator of the device's dropout masks."""
    device = data.x_NF.device
    return torch.random if device.type == "cpu" else torch.get_device_module(device)


def _first_parameters(job: TrainingJob, member: Member, index: int) -> Parameters:
    if job.start is not None:
        return {name: value[index] for name, value in job.start.items()}
    return initial_parameters(job.spec, generator(member.seed, "initial weights"))


def _validation_loss(job: TrainingJob, module: nn.Sequential, data: Resident) -> float:
    """NaN where there are no validation rows, so that the latest epoch always counts as the best."""
    if not len(job.validation):
        return float("nan")
    rows = as_slice(job.validation)
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
