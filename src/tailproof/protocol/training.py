"""One fold: its statistics, its members and, in the same lanes, their placebos.

For each fold everything fitted (medians, ranks, the constant) is fitted on that fold's training rows alone. A placebo
is the same training with the same seeds on targets that were shifted against the features; it differs from a real
member by its target column only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tailproof.core.fit import EpochRecord, Event, Fit, GuardEvent, IntervalRecord, OnEvent, Parameters
from tailproof.core.randomness import counter_key
from tailproof.core.records import Design, Fold
from tailproof.core.settings import TrainSettings
from tailproof.engines.protocol import Engine, Member, Optimisation, TrainingJob
from tailproof.nets.spec import NetSpec, robust_financial_net
from tailproof.objectives import Objective, best_constant
from tailproof.scaling import RobustScaler
from tailproof.targets import fit_transform
from tailproof.targets.transform import TargetTransform

ROWS_AT_ONCE = 1 << 15
"""Rows forecast in one call, so that memory does not grow with rows x members."""


@dataclass(frozen=True, kw_only=True)
class FoldTraining:
    """A fold with all that was fitted on its training rows before the first step."""

    fold: Fold
    scaler: RobustScaler
    transform: TargetTransform
    target_N: np.ndarray
    """float64 targets of all rows of the design."""
    constant: float
    """The constant with the least loss on the training rows."""
    neutral: float
    """Target of a zero return."""
    job: TrainingJob


@dataclass(frozen=True, kw_only=True)
class FoldForecasts:
    """What a trained population says about some rows."""

    member_MR: np.ndarray
    """float32 forecasts of each real member."""
    placebo_KR: np.ndarray
    """float64 forecasts of each placebo: the mean over its members."""

    @property
    def mean_R(self) -> np.ndarray:
        """The real forecast (float64): the mean over the members."""
        return np.asarray(self.member_MR.mean(axis=0, dtype=np.float64))


def fold_training(
    design: Design, fold: Fold, settings: TrainSettings, *, placebo_row_KN: Sequence[np.ndarray] = ()
) -> FoldTraining:
    """Fit a fold's statistics on its training rows and set up its population.

    Args:
        design: all rows.
        fold: which of them train and validate.
        settings: network, training and members.
        placebo_row_KN: for each placebo the row whose target each row takes.

    Raises:
        ConfigError: the target does not vary on the training rows.
    """
    train = slice(fold.train.start, fold.train.stop)
    scaler, transform = fit_statistics(design, fold, settings)
    target_N = transform.transform(design.return_N)
    objective = Objective(loss="huber", delta=settings.huber_delta)
    return FoldTraining(
        fold=fold,
        scaler=scaler,
        transform=transform,
        target_N=target_N,
        constant=best_constant(objective, target_N[train]),
        neutral=float(transform.transform(np.zeros(1))[0]),
        job=TrainingJob(
            spec=robust_financial_net(
                inputs=len(design.names),
                hidden_dims=settings.hidden_dims,
                dropout_rate=settings.dropout_rate,
                input_norm=settings.input_norm,
                residual_blocks=settings.residual_blocks,
                sigmoid=transform.bounded,
            ),
            objective=objective,
            optimisation=_optimisation(settings),
            members=_members(settings, placebos=len(placebo_row_KN)),
            seed=settings.seed,
            x_NF=scaler.transform(design.x_NF),
            y_NT=_target_columns(target_N, placebo_row_KN),
            train=fold.train,
            validation=fold.validation,
        ),
    )


def fit_statistics(design: Design, fold: Fold, settings: TrainSettings) -> tuple[RobustScaler, TargetTransform]:
    """Everything that is fitted before training: on the fold's training rows."""
    train = slice(fold.train.start, fold.train.stop)
    return RobustScaler.fit(design.x_NF[train]), fit_transform(settings.target, design.return_N[train])


def real_members(on_event: OnEvent, members: int) -> OnEvent:
    """Events of the real members only: the first ``members``; those of the placebos are not shown."""
    arrays = ("train_loss_M", "validation_loss_M", "grad_norm_mean_M", "grad_norm_max_M", "skipped_M", "stopped_M")

    def forward(event: Event) -> None:
        first = event.member if isinstance(event, GuardEvent) else event.first_member
        if first >= members:
            return
        if isinstance(event, EpochRecord):
            event = replace(event, **{name: getattr(event, name)[:members] for name in arrays})
        elif isinstance(event, IntervalRecord):
            event = replace(
                event,
                loss_M=event.loss_M[:members],
                grad_norm_mean_M=event.grad_norm_mean_M[:members],
                grad_norm_max_M=event.grad_norm_max_M[:members],
                skipped_M=event.skipped_M[:members],
            )
        on_event(event)

    return forward


def real_fit(fit: Fit, members: int) -> Fit:
    """The fit of the first ``members`` alone, without the placebos."""
    cut = {name: getattr(fit, name) for name in ("best_parameters", "final_parameters")}
    return replace(
        fit,
        best_parameters=_first(cut["best_parameters"], members),
        final_parameters=_first(cut["final_parameters"], members),
        best_epoch_M=fit.best_epoch_M[:members],
    )


def forecast(engine: Engine, spec: NetSpec, parameters: Parameters, x_RF: np.ndarray, *, members: int) -> FoldForecasts:
    """Forecasts of the real members and of the placebos (means over each one's members) for scaled rows."""
    real, placebo = [], []
    for start in range(0, len(x_RF), ROWS_AT_ONCE):
        block = x_RF[start : start + ROWS_AT_ONCE]
        output_MR = engine.predict(spec, parameters, block)[:, :, 0]
        real.append(output_MR[:members])
        placebo.append(output_MR[members:].reshape(-1, members, len(block)).mean(axis=1, dtype=np.float64))
    return FoldForecasts(member_MR=np.concatenate(real, axis=1), placebo_KR=np.concatenate(placebo, axis=1))


def _first(parameters: Parameters, members: int) -> Parameters:
    return {name: value[:members] for name, value in parameters.items()}


def _members(settings: TrainSettings, *, placebos: int) -> tuple[Member, ...]:
    """The real members, then each placebo's: same seeds and rates, another target column."""
    return tuple(
        Member(
            seed=counter_key(settings.seed, "member", index),
            learning_rate=settings.learning_rate,
            weight_decay=settings.weight_decay,
            dropout_rate=settings.dropout_rate,
            target=target,
        )
        for target in range(placebos + 1)
        for index in range(settings.members)
    )


def _target_columns(target_N: np.ndarray, placebo_row_KN: Sequence[np.ndarray]) -> np.ndarray:
    y_NT = np.empty((len(target_N), 1 + len(placebo_row_KN)), dtype=np.float32)
    y_NT[:, 0] = target_N
    for column, row_N in enumerate(placebo_row_KN, start=1):
        y_NT[:, column] = target_N[row_N]
    return y_NT


def _optimisation(settings: TrainSettings) -> Optimisation:
    return Optimisation(
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        warmup_steps=settings.warmup_steps,
        schedule=settings.schedule,
        max_grad_norm=settings.max_grad_norm,
        patience=settings.patience,
        log_interval=settings.log_interval,
    )
