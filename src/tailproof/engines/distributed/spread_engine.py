"""An engine whose members are trained by several processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from tailproof.core.fit import Fit, OnEvent, Parameters
from tailproof.engines.distributed.shards import JoinedEvents, join_fits, shares_of
from tailproof.engines.fit_state import FitState, OfferState
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.models.spec import NetSpec


class WorkerPool(Protocol):
    """Processes that train shares; the calling process may be one of them."""

    threads: int | None
    """Threads for this process, where it must share the cores with others."""

    def workers(self, engine: Engine, job: TrainingJob) -> int:
        """How many processes can train shares of such a job at once."""
        ...

    def describe(self, engine: Engine, job: TrainingJob) -> str:
        """One line that states which process trains which members."""
        ...

    def train(
        self, engine: Engine, job: TrainingJob, shares: Sequence[TrainingJob], joined: JoinedEvents
    ) -> Sequence[Fit]:
        """Train every share as ``engine`` would.

        Args:
            engine: as the workers have to build it.
            job: the whole population.
            shares: ``shares_of(job, len(shares))``.
            joined: receives every event of a share, and when it is trained.

        Raises:
            TrainingError: a share was stopped by its guards.
            WorkerError: a process has failed, differs from this one, or is gone.
        """
        ...


class SpreadEngine:
    """Trains as ``engine`` does, each share of the members in a process of ``pool``; all else is done here.

    Inside a fold no state is offered: a stopped run resumes from its finished folds. A fold that one process
    had begun is finished by one process.
    """

    def __init__(self, engine: Engine, pool: WorkerPool) -> None:
        self.engine, self.pool = engine, pool
        self.name, self.device_kind, self.precision = engine.name, engine.device_kind, engine.precision
        self.trains_in_turn = engine.trains_in_turn

    def fit(
        self, job: TrainingJob, *, on_event: OnEvent, state: FitState | None = None, offer: OfferState | None = None
    ) -> Fit:
        """Train every member of the job's population; see ``Engine.fit``.

        Raises:
            TrainingError: more than the allowed share of an epoch's steps had to be skipped.
            UnsupportedNetError: the network holds a layer that the engine cannot run.
            WorkerError: a process has failed, differs from this one, or is gone.
        """
        shares = shares_of(job, self.pool.workers(self.engine, job))
        if state is not None or len(shares) == 1:
            return self.engine.fit(job, on_event=on_event, state=state, offer=offer)
        joined = JoinedEvents(
            [len(share.members) for share in shares],
            on_event=on_event,
            steps_per_epoch=job.steps_per_epoch,
        )
        return join_fits(self.pool.train(self.engine, job, shares, joined))

    def numerics_fingerprint(self, job: TrainingJob) -> dict[str, str]:
        """The engine's own: the process that trains a member changes no bit of it."""
        return self.engine.numerics_fingerprint(job)

    def predict(self, spec: NetSpec, parameters: Parameters, x_NF: np.ndarray) -> np.ndarray:
        """Outputs of every member with dropout off: float32, shape (members, rows, outputs)."""
        return self.engine.predict(spec, parameters, x_NF)
