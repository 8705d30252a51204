"""Estimators where networks would be: one fit for each member and each placebo of a fold."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from tailproof.core.errors import ConfigError
from tailproof.core.fit import EpochRecord, Fit, OnEvent, Parameters
from tailproof.core.randomness import counter_key
from tailproof.engines.fit_state import FitState, OfferState
from tailproof.engines.interface import Member, TrainingJob
from tailproof.models.network import EngineName, Precision
from tailproof.models.spec import NetSpec
from tailproof.referee.adapters import Estimator, ModuleEstimator
from tailproof.referee.fit_alone import fit_alone, forecast_alone
from tailproof.referee.outside_model import OutsideModel

HANDLE = "estimator"
MAX_SEED = 2**32
"""Seeds of scikit-learn's random states are below this."""

Fitted = Estimator | ModuleEstimator
OnFit = Callable[[int], None]
"""Is told how many fits of a job are done."""


class EstimatorEngine:
    """Fits a fresh estimator for each member of a job, on the training rows and the member's own target column.

    The parameters of a fit are handles of the estimators, which live until the next fit. A fit has no state in between:
    a stopped run resumes with the fold that it was in.

    Args:
        model: what is fitted.
        jobs: processes that share the fits of a fold. Each fit is seeded on its own, so that their number changes no
            result; only a model whose arithmetic depends on its number of threads may differ in last digits.
    """

    name: EngineName = "estimator"
    device_kind = "cpu"
    precision: Precision = "fp32"
    trains_in_turn = True

    def __init__(self, model: OutsideModel, *, jobs: int = 1, on_fit: OnFit | None = None) -> None:
        self.model = model
        self._jobs = jobs
        self._on_fit = on_fit
        self._fitted: dict[int, tuple[Fitted, int]] = {}
        self._next = 0

    def fit(
        self,
        job: TrainingJob,
        *,
        on_event: OnEvent,  # noqa: ARG002 - an estimator has no epochs to tell of
        state: FitState | None = None,  # noqa: ARG002
        offer: OfferState | None = None,  # noqa: ARG002
    ) -> Fit:
        """Fit an estimator for each member of the job; validation rows are shown to torch modules alone.

        Raises:
            ConfigError: an estimator cannot be made or fitted.
        """
        started = time.perf_counter()
        self._fitted.clear()
        handles = []
        tasks = [(_alone(job, member), seed_of(job, member)) for member in job.members]
        for estimator, (_, seed) in zip(self._fits(tasks), tasks, strict=True):
            handles.append(self._next)
            self._fitted[self._next] = estimator, seed
            self._next += 1
            if self._on_fit is not None:
                self._on_fit(len(handles))
        count = len(handles)
        unknown_M, none_M = np.full(count, np.nan), np.zeros(count, dtype=np.int64)
        record = EpochRecord(
            epoch=1,
            train_loss_M=unknown_M,
            validation_loss_M=unknown_M,
            validation_mae_M=unknown_M,
            learning_rate=0.0,
            grad_norm_mean_M=unknown_M,
            grad_norm_max_M=unknown_M,
            skipped_M=none_M,
            stopped_M=none_M.astype(bool),
            seconds=time.perf_counter() - started,
            steps=1,
        )
        parameters = {HANDLE: np.array(handles)}
        return Fit(
            engine=self.name,
            best_parameters=parameters,
            final_parameters=parameters,
            best_epoch_M=np.ones(count, dtype=np.int64),
            history=(record,),
        )

    def numerics_fingerprint(self, job: TrainingJob) -> dict[str, str]:
        """The model's name and source."""
        del job
        return {"model": self.model.name, "source of the model": self.model.source}

    def predict(self, spec: NetSpec, parameters: Parameters, x_NF: np.ndarray) -> np.ndarray:
        """Forecasts of every estimator: float32, shape (members, rows, 1).

        Raises:
            ConfigError: an estimator fails, or does not give one finite number per row.
        """
        del spec
        output_MN1 = np.empty((len(parameters[HANDLE]), len(x_NF), 1), dtype=np.float32)
        for member, handle in enumerate(parameters[HANDLE].tolist()):
            estimator, seed = self._fitted[handle]
            output_MN1[member, :, 0] = forecast_alone(estimator, x_NF, name=self.model.name, seed=seed)
        return output_MN1

    def _fits(self, tasks: list[tuple[TrainingJob, int]]) -> Iterator[Fitted]:
        """The fitted estimators in the order of the tasks."""
        if self._jobs == 1 or len(tasks) == 1:
            return (fit_alone(self.model, job, seed) for job, seed in tasks)
        return self._shared(tasks)

    def _shared(self, tasks: list[tuple[TrainingJob, int]]) -> Iterator[Fitted]:
        parallel, delayed = _joblib()
        try:
            yield from parallel(n_jobs=self._jobs, return_as="generator")(
                delayed(fit_alone)(self.model, job, seed) for job, seed in tasks
            )
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise ConfigError(
                f"{self.model.name} cannot be sent between processes ({type(error).__name__}: {error}). Give it as "
                "FILE.py:NAME, or leave out jobs."
            ) from error
        except RuntimeError as error:  # joblib's own, where a process is gone
            raise ConfigError(
                f"{self.model.name}: a process that fitted it is gone ({type(error).__name__}: {error}). Give fewer "
                "jobs, or none."
            ) from error


def seed_of(job: TrainingJob, member: Member) -> int:
    """The seed of a member's fit: placebos have that of the real one, so that only targets differ."""
    return counter_key(member.seed, "estimator", job.seed) % MAX_SEED


def _alone(job: TrainingJob, member: Member) -> TrainingJob:
    """The job of one member, with the rows that train and choose alone."""
    rows = max(job.train.stop, job.validation.stop)
    return replace(
        job,
        members=(replace(member, target=0),),
        x_NF=job.x_NF[:rows],
        y_NT=job.y_NT[:rows, member.target : member.target + 1],
    )


def _joblib() -> tuple[Any, Any]:
    try:
        from joblib import Parallel, delayed
    except ImportError as error:
        raise ConfigError(
            "jobs above 1 need joblib, which comes with scikit-learn: pip install scikit-learn."
        ) from error
    return Parallel, delayed
