"""A population of small networks as a regressor of scikit-learn."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral, Real
from typing import Any, ClassVar, Self, get_args

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from tailproof.arrays.ranges import ceil_div
from tailproof.core.fit import Event, Parameters
from tailproof.core.randomness import counter_key
from tailproof.engines.interface import Member, Optimisation, TrainingJob
from tailproof.engines.lanes import LanesEngine
from tailproof.models.piecewise_linear import fit_piecewise_linear
from tailproof.models.spec import MAX_BINS, NetSpec, robust_financial_net
from tailproof.objectives import Objective
from tailproof.objectives.schedule import ScheduleName, default_warmup
from tailproof.scaling import RobustScaler

MAX_SEED = 2**31 - 1
COUNT = Interval(Integral, 1, None, closed="left")
FROM_ZERO = Interval(Real, 0, None, closed="left")
ABOVE_ZERO = Interval(Real, 0, None, closed="neither")


class PopulationRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Networks trained side by side by the lanes engine, each from its own seed; their mean forecasts.

    Features are scaled by the medians and interquartile ranges of the training rows and clipped smoothly, targets by
    their mean and standard deviation. All rows train: nothing is held back for choosing an epoch.

    Known when: it knows nothing of time. Give rows of the past alone, or judge it by ``WalkForward`` in
    ``cross_val_score``, and by ``tailproof.judge`` for a verdict with placebos.

    Args:
        members: networks.
        hidden_dims: width of each hidden layer.
        embedding_bins: the networks get one value for each of so many bins of a feature in place of the feature, see
            ``PiecewiseLinear``; bins hold as many rows of the first fit each. None gives them the feature.
        dropout_rate: share of hidden values zeroed in training.
        epochs: passes over the rows, of ``fit`` and of each ``partial_fit``.
        batch_size: rows per step.
        learning_rate: target learning rate of AdamW.
        weight_decay: decoupled weight decay of AdamW.
        huber_delta: error, in standard deviations of the target, beyond which the loss is linear.
        warmup_steps: steps over which the learning rate rises; None takes 1,000, or a third of all where these are few.
        schedule: of the learning rate after the warm-up, "cosine" or "constant".
        max_grad_norm: longer gradients are scaled down to this norm; 0 never.
        random_state: seed, generator or None.
        n_jobs: threads; None and -1 take all there are. Changes no result.

    >>> rng = np.random.default_rng(0)
    >>> x_NF = rng.normal(size=(500, 3))
    >>> model = PopulationRegressor(members=2, random_state=0).fit(x_NF, x_NF[:, 0])
    >>> bool(model.score(x_NF, x_NF[:, 0]) > 0.8)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "members": [COUNT],
        "hidden_dims": [tuple, list],
        "embedding_bins": [Interval(Integral, 2, MAX_BINS, closed="both"), None],
        "dropout_rate": [Interval(Real, 0, 1, closed="left")],
        "epochs": [COUNT],
        "batch_size": [COUNT],
        "learning_rate": [ABOVE_ZERO],
        "weight_decay": [FROM_ZERO],
        "huber_delta": [ABOVE_ZERO],
        "warmup_steps": [Interval(Integral, 0, None, closed="left"), None],
        "schedule": [StrOptions(set(get_args(ScheduleName)))],
        "max_grad_norm": [FROM_ZERO],
        "random_state": ["random_state"],
        "n_jobs": [COUNT, Options(Integral, {-1}), None],
    }

    def __init__(
        self,
        *,
        members: int = 8,
        hidden_dims: tuple[int, ...] = (16, 8),
        embedding_bins: int | None = None,
        dropout_rate: float = 0.0,
        epochs: int = 50,
        batch_size: int = 16,
        learning_rate: float = 3e-3,
        weight_decay: float = 1e-2,
        huber_delta: float = 1.0,
        warmup_steps: int | None = None,
        schedule: ScheduleName = "cosine",
        max_grad_norm: float = 1.0,
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.members = members
        self.hidden_dims = hidden_dims
        self.embedding_bins = embedding_bins
        self.dropout_rate = dropout_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.huber_delta = huber_delta
        self.warmup_steps = warmup_steps
        self.schedule = schedule
        self.max_grad_norm = max_grad_norm
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train the networks from their seeds.

        Args:
            X: finite features, one row per sample.
            y: finite targets.
            sample_weight: how much each row's loss counts in its batch, 0 for a row that is left out; all the same
                where it is None. Batches are drawn by row, so a row with weight 2 is one row that pulls twice as hard,
                and not the same as two rows.

        Raises:
            ValueError: a parameter is out of range, or rows cannot be used.
        """
        self._validate()
        x_NF, y_N = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        x_NF, y_N, weight_N = _weighted(x_NF, y_N, sample_weight)
        self._fit_scales(x_NF, y_N)
        self._train(x_NF, y_N, weight_N, start=None)
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Go on from the networks as they are, on other rows; the first call is a ``fit``, whose scales are kept."""
        self._validate()
        first = not hasattr(self, "parameters_")
        x_NF, y_N = validate_data(self, X, y, dtype=np.float64, y_numeric=True, reset=first)
        x_NF, y_N, weight_N = _weighted(x_NF, y_N, sample_weight)
        if first:
            self._fit_scales(x_NF, y_N)
        self._train(x_NF, y_N, weight_N, start=None if first else self.parameters_)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The mean forecast of the members (float64), one per row."""
        return np.asarray(self.predict_members(X).mean(axis=0))

    def predict_members(self, X: Any) -> np.ndarray:
        """The forecasts of each member: float64, shape (members, rows)."""
        check_is_fitted(self)
        x_NF = validate_data(self, X, dtype=np.float64, reset=False)
        output_MN = self._engine().predict(self.spec_, self.parameters_, self.scaler_.transform(x_NF))[:, :, 0]
        return np.asarray(output_MN, dtype=np.float64) * self.target_scale_ + self.target_mean_

    def _validate(self) -> None:
        self._validate_params()
        if not all(isinstance(width, Integral) and width >= 1 for width in self.hidden_dims):
            raise ValueError(f"hidden_dims must hold whole numbers of at least 1, got {self.hidden_dims!r}.")

    def _engine(self) -> LanesEngine:
        return LanesEngine(threads=None if self.n_jobs == -1 else self.n_jobs)

    def _fit_scales(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        self.seed_ = int(check_random_state(self.random_state).randint(MAX_SEED))
        self.passes_ = 0
        self.scaler_ = RobustScaler.fit(x_NF)
        self.target_mean_ = float(y_N.mean())
        self.target_scale_ = float(y_N.std()) or 1.0
        self.spec_ = self._network(self.scaler_.transform(x_NF))

    def _network(self, x_NF: np.ndarray) -> NetSpec:
        """The network for scaled features like these."""
        bins = self.embedding_bins
        embedding = None if bins is None else fit_piecewise_linear(x_NF, bins=bins)
        net = robust_financial_net(
            inputs=x_NF.shape[1] if embedding is None else embedding.width,
            hidden_dims=tuple(self.hidden_dims),
            dropout_rate=self.dropout_rate,
            sigmoid=False,
        )
        return replace(net, inputs=x_NF.shape[1], embedding=embedding)

    def _train(
        self, x_NF: np.ndarray, y_N: np.ndarray, weight_N: np.ndarray | None, *, start: Parameters | None
    ) -> None:
        rows = len(x_NF)
        steps = self.epochs * ceil_div(rows, self.batch_size)
        job = TrainingJob(
            spec=self.spec_,
            objective=Objective(loss="huber", delta=self.huber_delta),
            optimisation=Optimisation(
                epochs=self.epochs,
                batch_size=self.batch_size,
                warmup_steps=default_warmup(steps) if self.warmup_steps is None else self.warmup_steps,
                schedule=self.schedule,
                max_grad_norm=self.max_grad_norm,
                patience=0,
                log_interval=steps,
            ),
            members=self._members(),
            seed=counter_key(self.seed_, "batches", self.passes_),
            x_NF=self.scaler_.transform(x_NF),
            y_NT=((y_N - self.target_mean_) / self.target_scale_).astype(np.float32)[:, None],
            train=range(rows),
            validation=range(rows, rows),
            weight_N=weight_N,
            start=start,
        )
        self.parameters_ = self._engine().fit(job, on_event=_ignore).final_parameters
        self.passes_ += 1

    def _members(self) -> tuple[Member, ...]:
        return tuple(
            Member(
                seed=counter_key(self.seed_, "member", self.passes_, number),
                learning_rate=self.learning_rate,
                weight_decay=self.weight_decay,
                dropout_rate=self.dropout_rate,
            )
            for number in range(self.members)
        )


def _weighted(
    x_NF: np.ndarray, y_N: np.ndarray, sample_weight: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """The rows that have a weight, and their weights (float32, of mean 1); None where all are the same.

    Raises:
        ValueError: there is not one weight per row, or a weight is negative, not finite, or all are zero.
    """
    if sample_weight is None:
        return x_NF, y_N, None
    weight_N = _check_sample_weight(sample_weight, x_NF, dtype=np.float64)
    if (weight_N < 0.0).any() or not weight_N.any():
        raise ValueError("sample_weight must not be negative, and above zero for at least one row.")
    kept_N = weight_N > 0.0
    weight_N = weight_N[kept_N]
    equal = weight_N.min() == weight_N.max()
    return x_NF[kept_N], y_N[kept_N], None if equal else (weight_N / weight_N.mean()).astype(np.float32)


def _ignore(event: Event) -> None:
    """Progress is not shown."""
    del event
