"""The input and output of an engine; the torch and the lanes engine both keep to this interface."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from tailproof.arrays.ranges import ceil_div
from tailproof.core.fit import Fit, OnEvent, Parameters
from tailproof.engines.fit_state import FitState, OfferState
from tailproof.engines.spike_rule import SpikeRule
from tailproof.models.network import EngineName, Precision
from tailproof.models.piecewise_linear import embedded
from tailproof.models.spec import NetSpec
from tailproof.objectives.objective import Objective
from tailproof.objectives.schedule import ScheduleName


@dataclass(frozen=True, kw_only=True)
class Member:
    """One network of a population: own random numbers, target column and rates; architecture and rows are shared."""

    seed: int
    learning_rate: float
    weight_decay: float
    dropout_rate: float
    target: int = 0


@dataclass(frozen=True, kw_only=True)
class Optimisation:
    """Settings of AdamW training (Loshchilov and Hutter 2019) that all members share."""

    epochs: int
    batch_size: int
    warmup_steps: int
    schedule: ScheduleName
    max_grad_norm: float
    """Gradients of one member with a larger global L2 norm are scaled down to it; 0 leaves them as they are."""
    patience: int
    """Epochs without a better validation loss after which a member stops; 0 never stops it."""
    log_interval: int
    """Steps between two interval records."""
    average_epochs: int = 1
    """After each epoch, the weights after so many of the latest epochs are averaged; a member keeps the average where
    its validation loss is the best so far (Kaddour 2022, "Stop Wasting My Time! Saving Days of ImageNet and BERT
    Training with Latest Weight Averaging"). Training itself continues from the plain weights. 1 averages nothing."""
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    spikes: SpikeRule = field(default_factory=SpikeRule)
    """Which steps are skipped as spikes."""
    max_skipped_share: float = 0.01
    """Training stops with a TrainingError when more than this share of an epoch's steps was not finite."""


@dataclass(frozen=True, kw_only=True)
class TrainingJob:
    """Everything an engine needs to train a population.

    Rows are chosen by ``train`` and ``validation``, ranges of consecutive rows of ``x_NF``. The order of batches comes
    from ``seed`` and the epoch alone (``engines.batch_order``), so both engines and every member see the same batches.
    """

    spec: NetSpec
    objective: Objective
    optimisation: Optimisation
    members: tuple[Member, ...]
    seed: int
    x_NF: np.ndarray
    """float32 features, finite."""
    y_NT: np.ndarray
    """float32 target columns; member m learns column ``members[m].target``."""
    train: range
    validation: range
    weight_N: np.ndarray | None = None
    """float32 row weights, or None for equal weights."""
    window: int | None = None
    """Consecutive rows that are shuffled at a time (``engines.batch_order.windowed_order``); None shuffles all."""
    start: Parameters | None = None
    """Weights to start from, with a leading member axis; None draws them from the members' seeds."""
    measured_members: int = 0
    """So many of the population's first members, the real ones, have their mean absolute error measured after each
    epoch; it changes no weight."""
    first_member: int = 0
    """The number of the first member, where the job is a share of a population (``engines.distributed.shards``),
    from which errors count. Events and fits count from the job's own first."""

    @property
    def steps_per_epoch(self) -> int:
        """Batches per epoch, a shorter last one included."""
        return ceil_div(len(self.train), self.optimisation.batch_size)

    def embedded(self) -> TrainingJob:
        """The job as the layers see it: rows embedded, and the network that follows the embedding; see ``embedded``.

        The parameters and their names are the same.
        """
        spec, x_NF = embedded(self.spec, self.x_NF)
        return replace(self, spec=spec, x_NF=x_NF)


class Engine(Protocol):
    """Trains and runs networks; never writes a file."""

    name: EngineName
    device_kind: str
    """Kind of device, such as ``cpu`` or ``cuda``."""
    precision: Precision
    trains_in_turn: bool
    """Whether each member costs a separate pass, so that a rate per member can be measured on one."""

    def fit(
        self, job: TrainingJob, *, on_event: OnEvent, state: FitState | None = None, offer: OfferState | None = None
    ) -> Fit:
        """Train every member of the job's population.

        All members take a step before any takes the next, as far as events show: an interval or epoch record tells of
        the whole population, and events come in the order of steps, those of one step in the order of members.

        Args:
            job: what to train.
            on_event: receives every interval, epoch and skipped step.
            state: where a fit of the same job was stopped; training resumes from there, and the result is that of a fit
                that never stopped, to the bit. Events before it are not repeated.
            offer: is called every second or so, when the state can be taken; all events up to then have been sent.

        Raises:
            TrainingError: more than the allowed share of an epoch's steps was not finite, or spikes went on after
                the rate had been halved three times.
            UnsupportedNetError: the network holds a layer that this engine cannot run.
        """
        ...

    def numerics_fingerprint(self, job: TrainingJob) -> dict[str, str]:
        """Everything beside the job and the package versions that decides the bits of a fit, by name."""
        ...

    def predict(self, spec: NetSpec, parameters: Parameters, x_NF: np.ndarray) -> np.ndarray:
        """Outputs of every member with dropout off: float32, shape (members, rows, outputs)."""
        ...
