"""Estimators where networks would be: one fit for each member and each placebo of a fold."""

from __future__ import annotations

import time

import numpy as np

from tailproof.arrays.ranges import as_slice
from tailproof.core.errors import ConfigError, TailproofError
from tailproof.core.fit import EpochRecord, Fit, OnEvent, Parameters
from tailproof.core.randomness import counter_key
from tailproof.engines.fit_state import FitState, OfferState
from tailproof.engines.interface import Member, TrainingJob
from tailproof.models.network import EngineName, Precision
from tailproof.models.spec import NetSpec
from tailproof.referee.outside_model import Estimator, OutsideModel, seeded

HANDLE = "estimator"
MAX_SEED = 2**32
"""Seeds of scikit-learn's random states are below this."""


class EstimatorEngine:
    """Fits a fresh estimator for each member of a job, on the training rows and the member's own target column.

    The parameters of a fit are handles of the estimators, which live until the next fit. A fit has no state in between:
    a stopped run resumes with the fold that it was in.
    """

    name: EngineName = "estimator"
    device_kind = "cpu"
    precision: Precision = "fp32"
    trains_in_turn = True

    def __init__(self, model: OutsideModel) -> None:
        self._model = model
        self._fitted: dict[int, Estimator] = {}
        self._next = 0

    def fit(
        self,
        job: TrainingJob,
        *,
        on_event: OnEvent,  # noqa: ARG002 - an estimator has no epochs to tell of
        state: FitState | None = None,  # noqa: ARG002
        offer: OfferState | None = None,  # noqa: ARG002
    ) -> Fit:
        """Fit an estimator for each member of the job; validation rows are not shown to any.

        Raises:
            ConfigError: an estimator cannot be made or fitted.
        """
        started = time.perf_counter()
        self._fitted.clear()
        handles = [self._fit_one(job, member) for member in job.members]
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
        return {"model": self._model.name, "source of the model": self._model.source}

    def predict(self, spec: NetSpec, parameters: Parameters, x_NF: np.ndarray) -> np.ndarray:
        """Forecasts of every estimator: float32, shape (members, rows, 1).

        Raises:
            ConfigError: an estimator fails, or does not give one finite number per row.
        """
        del spec
        output_MN1 = np.empty((len(parameters[HANDLE]), len(x_NF), 1), dtype=np.float32)
        for member, handle in enumerate(parameters[HANDLE].tolist()):
            output_MN1[member, :, 0] = self._forecast(self._fitted[handle], x_NF)
        return output_MN1

    def _fit_one(self, job: TrainingJob, member: Member) -> int:
        train = as_slice(job.train)
        seed = counter_key(member.seed, "estimator", job.seed) % MAX_SEED
        with seeded(seed):
            estimator = self._model.fresh(seed=seed)
            try:
                # Copies: a view would lead to the rows after it.
                estimator.fit(job.x_NF[train].copy(), job.y_NT[train, member.target].astype(np.float64))
            except TailproofError:
                raise
            except Exception as error:
                raise ConfigError(f"{self._model.name}: fit fails ({type(error).__name__}: {error}).") from error
        handle, self._next = self._next, self._next + 1
        self._fitted[handle] = estimator
        return handle

    def _forecast(self, estimator: Estimator, x_NF: np.ndarray) -> np.ndarray:
        try:
            forecast_N = np.asarray(estimator.predict(x_NF.copy()), dtype=np.float64)
        except Exception as error:
            raise ConfigError(f"{self._model.name}: predict fails ({type(error).__name__}: {error}).") from error
        if forecast_N.shape not in ((len(x_NF),), (len(x_NF), 1)):
            raise ConfigError(
                f"{self._model.name} must predict one number per row, got shape {forecast_N.shape} for "
                f"{len(x_NF):,} rows."
            )
        if not np.isfinite(forecast_N).all():
            row = int(np.argmin(np.isfinite(forecast_N.reshape(-1))))
            raise ConfigError(f"{self._model.name} must predict finite numbers, got {forecast_N.reshape(-1)[row]}.")
        return forecast_N.reshape(-1)
