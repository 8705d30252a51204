"""Estimators where networks would be: one fit for each member and each placebo of a fold."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from tailproof.core.fit import EpochRecord, Fit, OnEvent, Parameters
from tailproof.engines.distributed import FitPool
from tailproof.engines.fit_state import FitState, OfferState
from tailproof.engines.interface import TrainingJob
from tailproof.models.network import EngineName, Precision
from tailproof.models.spec import NetSpec
from tailproof.referee.adapters import Estimator, ModuleEstimator
from tailproof.referee.fit_alone import forecast_alone
from tailproof.referee.outside_model import OutsideModel
from tailproof.referee.shared_fits import MemberFits, member_fits, seed_of, shared_fits

HANDLE = "estimator"

Fitted = Estimator | ModuleEstimator


class EstimatorEngine:
    """Fits a fresh estimator for each member of a job, on the training rows and the member's own target column.

    The parameters of a fit are handles of the estimators, which live until the next fit. A fit has no state in between:
    a stopped run resumes with the fold that it was in.

    Args:
        model: what is fitted.
        pool: processes that share the fits of a fold; None makes all of them here. Each fit is seeded on its own, so
            that their number changes no result.
        on_fit: is called after each fit.
    """

    name: EngineName = "estimator"
    device_kind = "cpu"
    precision: Precision = "fp32"
    trains_in_turn = True

    def __init__(
        self, model: OutsideModel, *, pool: FitPool | None = None, on_fit: Callable[[], None] = lambda: None
    ) -> None:
        self.model = model
        self._pool = pool
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
            ConfigError: an estimator cannot be made or fitted, or not be sent between processes.
            WorkerError: a process has failed, differs from this one, or is gone.
        """
        started = time.perf_counter()
        self._fitted.clear()
        handles = []
        for estimator, member in zip(self._fits(job), job.members, strict=True):
            handles.append(self._next)
            self._fitted[self._next] = estimator, seed_of(job, member)
            self._next += 1
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

    def _fits(self, job: TrainingJob) -> Iterable[Fitted]:
        """The fitted estimators of a job's members, in their order."""
        fits = member_fits(self.model, job)
        if self._pool is not None and len(job.members) > 1:
            return shared_fits(fits, self._pool, on_fit=self._on_fit)
        return self._one_by_one(fits)

    def _one_by_one(self, fits: MemberFits) -> Iterator[Fitted]:
        for number in range(len(fits.job.members)):
            yield fits.fitted(number)
            self._on_fit()
