"""One fold: its statistics, its members and, in the same lanes, their placebos.

For each fold everything fitted (medians, ranks, the constant) is fitted on that fold's training rows alone. A placebo
is the same training with the same seeds on returns that were shifted against the features, and ranked among their own
training rows; it differs from a real member by its target column only.

A fold may start warm, from the members of the fold before it, whose training and choice of epoch used no row that this
fold tests. Then only weights are carried over: the optimizer starts afresh with its warm-up and schedule, because
moments belong to gradients under the last fold's scaling and ranks, and because a schedule that ran out would leave
the learning rate at zero. Batches and dropout masks are drawn anew for each fold. Every placebo is carried on from its
own members, so that it stays the same training on other targets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from tailproof.arrays.parallel import map_in_threads
from tailproof.arrays.ranges import as_slice, ceil_div
from tailproof.arrays.scratch import rows_array
from tailproof.core.fit import Event, Fit, GuardEvent, OnEvent, Parameters, StartRecord, select_members
from tailproof.core.randomness import counter_key, generator
from tailproof.core.records import CombinatorialFold, Design, Fold
from tailproof.core.target_tails import TargetTails
from tailproof.engines.batch_order import window_for
from tailproof.engines.interface import Engine, Member, Optimisation, TrainingJob
from tailproof.engines.spike_rule import SpikeRule
from tailproof.models.draw_to_line import draw_to_line, share_by_rows
from tailproof.models.initialise import initial_population
from tailproof.models.interactions import Interactions
from tailproof.models.network import build_network
from tailproof.models.piecewise_linear import fit_piecewise_linear
from tailproof.models.spec import NetSpec
from tailproof.objectives import best_constant, row_losses
from tailproof.population import PopulationForecasts, PopulationLayout
from tailproof.scaling import RobustScaler
from tailproof.settings.network_settings import NetworkSettings
from tailproof.settings.optimisation_settings import OptimisationSettings
from tailproof.settings.population_settings import PopulationSettings
from tailproof.statistics.moments import tails
from tailproof.tasks import TargetTransform, Task
from tailproof.walkforward.fold_interactions import set_interactions_apart
from tailproof.walkforward.line_start import line_start
from tailproof.walkforward.part import Part, part_of
from tailproof.walkforward.warm_up import warm_up_of

ROWS_AT_START = 1 << 14
"""Training rows on which the loss before the first step is measured."""


@dataclass(frozen=True, kw_only=True)
class WarmStart:
    """How a fold begins that starts from the members of the fold before it, see ``FoldTraining.begun_at``."""

    number: int
    """Number of the fold that starts, so that its batches and dropout masks are its own."""
    epochs: int
    """Passes over the fold's window."""


@dataclass(frozen=True, kw_only=True)
class FoldTraining:
    """A fold with all that was fitted on its training rows before the first step."""

    part: Part
    """The fold's rows; everything below is about these."""
    task: Task
    layout: PopulationLayout
    """The role of each member of the job."""
    scaler: RobustScaler
    transform: TargetTransform
    target_N: np.ndarray
    """float64 targets of the part's rows."""
    constant: float
    """The constant with the least loss on the training rows."""
    zero_return_target: float
    """Target of a zero return."""
    shrink: bool
    """Whether the forecasts are drawn toward the constant as the validation rows say."""
    hidden_share: float
    """Share of what training changed that is kept; below 1 only where the members begin at lines."""
    interactions: tuple[Interactions, ...]
    """Those of each target column: they stand beside its networks, which are trained on what they leave."""
    job: TrainingJob

    def forecast(
        self, engine: Engine, layout: PopulationLayout, parameters: Parameters, x_RF: np.ndarray
    ) -> PopulationForecasts:
        """Forecasts of a population for scaled rows: its networks' and its interactions', before any shrinkage.

        ``layout`` is the job's own, or its real members alone.
        """
        forecasts = layout.forecast(engine, self.job.spec, parameters, x_RF)
        return forecasts.plus(self.interactions[: 1 + layout.placebos], x_RF)

    def target_of(self, column: int, rows: range) -> np.ndarray:
        """Targets (float32) of a target column, 0 for the real one, on some of the part's rows."""
        place = as_slice(rows)
        return np.asarray(self.job.y_NT[place, column] + self.interactions[column].apply(self.job.x_NF[place]))

    def begun_at(self, parameters: Parameters) -> FoldTraining:
        """The fold with members that start from others: those of the fold before, as their validation rows chose them.

        Everything else about a fold is known before these are trained.
        """
        return replace(self, job=replace(self.job, start=parameters))

    def drawn_to_line(self, fit: Fit) -> Fit:
        """A fit of the job whose best parameters keep ``hidden_share`` of what training changed."""
        start, best = self.job.start, fit.best_parameters
        if start is None or self.hidden_share == 1.0:
            return fit
        return replace(fit, best_parameters=draw_to_line(self.job.spec, start, best, share=self.hidden_share))

    @property
    def validates_apart(self) -> bool:
        """Whether there are validation rows that are not the judged ones, so that forecasts may be fitted on them."""
        return len(self.fold.validation) > 0 and not self.fold.judged_on_validation

    @property
    def shrinks(self) -> bool:
        """Whether forecasts are shrunk: it is asked for, and there are rows to fit it on."""
        return self.shrink and self.validates_apart

    @property
    def fold(self) -> Fold:
        """Ranges of the part's rows."""
        return self.part.fold

    def fitted_statistics(self) -> dict[str, Any]:
        """Everything that was fitted on training rows alone, as plain types by name."""
        embedding = self.job.spec.embedding
        return {
            "scaling": self.scaler.as_json(self.part.design.names),
            "target": self.transform.as_json(),
            "constant": self.constant,
            "interactions": asdict(self.interactions[0]),
            **({} if embedding is None else {"embedding": asdict(embedding)}),
        }

    def target_tails(self) -> TargetTails:
        """The range and the tails of the training rows' returns and targets."""
        train = as_slice(self.fold.train)
        return_T = self.part.design.return_N[train]
        return TargetTails(
            returns=tails(return_T),
            targets=tails(self.target_N[train]),
            zero_returns=float((return_T == 0.0).mean()),
        )

    def constant_loss(self, rows: range) -> float:
        """Mean loss of the constant on some of the part's rows."""
        target_R = self.target_N[rows.start : rows.stop]
        return float(row_losses(self.job.objective, np.full(len(rows), self.constant), target_R).mean())

    def start(self, engine: Engine) -> StartRecord:
        """The real members before their first step, on at most ``ROWS_AT_START`` training rows evenly spaced."""
        job = self.job
        members = [job.members[place] for place in self.layout.select(role="real")]
        seeds = [generator(member.seed, "initial weights") for member in members]
        parameters = initial_population(job.spec, seeds) if job.start is None else self._real(job.start)
        row_R = np.arange(job.train.start, job.train.stop, ceil_div(len(job.train), ROWS_AT_START))
        output_MR = engine.predict(job.spec, parameters, job.x_NF[row_R])[:, :, 0]
        loss_MR = [row_losses(job.objective, output_R, job.y_NT[row_R, 0]) for output_R in output_MR]
        return StartRecord(train_loss_M=np.mean(loss_MR, axis=1))

    def _real(self, parameters: Parameters) -> Parameters:
        return select_members(parameters, self.layout.select(role="real"))


def fold_training(
    design: Design,
    fold: Fold | CombinatorialFold,
    *,
    task: Task,
    network: NetworkSettings,
    optimisation: OptimisationSettings,
    population: PopulationSettings,
    log_interval: int,
    placebo_row_KN: Sequence[np.ndarray] = (),
    warm: WarmStart | None = None,
) -> FoldTraining:
    """Fit a fold's statistics on its training rows and set up its population.

    Args:
        design: all rows.
        fold: which of them train and validate.
        task: the forecasting task.
        network: its shape.
        optimisation: how it is trained.
        population: how many real members there are, and their seed.
        log_interval: steps between two interval records.
        placebo_row_KN: for each placebo the row whose target each row takes.
        warm: set where the members will start from those of the fold before (``FoldTraining.begun_at``); None starts
            them from their seeds.

    Raises:
        ConfigError: the target does not vary on the training rows.
    """
    part = part_of(design, fold)
    scaler, transform = fit_statistics(part.design, part.fold, task=task)
    target_N = transform.transform(part.design.return_N)
    objective = task.objective(huber_delta=optimisation.huber_delta)
    layout = _layout(network, optimisation, population, placebos=len(placebo_row_KN), warm=warm)
    x_NF = scaler.transform(part.design.x_NF)
    spec = _spec(network, task, x_NF[as_slice(part.fold.train)])
    y_NT = _target_columns(target_N, design.return_N, part, placebo_row_KN, task)
    interactions = set_interactions_apart(x_NF, y_NT, part.fold, wanted=network.interactions)
    start = line_start(spec, layout.members, x_NF, y_NT, part.fold) if _begins_at_line(network, warm) else None
    return FoldTraining(
        part=part,
        task=task,
        layout=layout,
        scaler=scaler,
        transform=transform,
        target_N=target_N,
        constant=best_constant(objective, target_N[as_slice(part.fold.train)]),
        zero_return_target=float(transform.transform(np.zeros(1))[0]),
        shrink=optimisation.shrink,
        hidden_share=_hidden_share(network, warm, rows=len(part.fold.train)),
        interactions=interactions,
        job=TrainingJob(
            spec=spec,
            objective=objective,
            optimisation=_optimisation(optimisation, warm, rows=len(part.fold.train), log_interval=log_interval),
            members=layout.members,
            seed=population.seed if warm is None else counter_key(population.seed, "warm batches", warm.number),
            x_NF=x_NF,
            y_NT=y_NT,
            train=part.fold.train,
            validation=part.fold.validation,
            window=optimisation.order_window or window_for(len(x_NF), spec.width),
            start=start,
            measured_members=population.members,
        ),
    )


def fit_statistics(design: Design, fold: Fold, *, task: Task) -> tuple[RobustScaler, TargetTransform]:
    """Everything that is fitted before training: on the fold's training rows."""
    train = as_slice(fold.train)
    return RobustScaler.fit(design.x_NF[train]), task.fit(design.return_N[train])


def real_events(on_event: OnEvent, training: FoldTraining) -> OnEvent:
    """Events of the real members only; rows of guard events become rows of the whole design."""

    def forward(event: Event) -> None:
        real = training.layout.event_of(event, role="real")
        if isinstance(real, GuardEvent):
            real = replace(real, rows=tuple(training.part.row_N[list(real.rows)].tolist()))
        if real is not None:
            on_event(real)

    return forward


def _layout(
    network: NetworkSettings,
    optimisation: OptimisationSettings,
    population: PopulationSettings,
    *,
    placebos: int,
    warm: WarmStart | None,
) -> PopulationLayout:
    """The real members, and for each placebo others with the same seeds and rates on another target column."""
    name = ("member",) if warm is None else ("warm member", warm.number)
    members = [
        Member(
            seed=counter_key(population.seed, *name, index),
            learning_rate=optimisation.learning_rate,
            weight_decay=optimisation.weight_decay,
            dropout_rate=network.dropout_rate,
        )
        for index in range(population.members)
    ]
    return PopulationLayout.with_placebos(members, placebos=placebos)


def _target_columns(
    target_N: np.ndarray,
    return_N: np.ndarray,
    part: Part,
    placebo_row_KN: Sequence[np.ndarray],
    task: Task,
) -> np.ndarray:
    """Targets of the part's rows, and for each placebo those of the rows that it takes them from (float32).

    A placebo's ranks are those of its own training returns, as the real ones are. Under the real ranks its training
    targets would have a mean of their own, which the real targets never have: a level to learn that turns out wrong,
    since what is high in training is low in what is left. Placebos then do worse than luck, and p-values are too small.
    """
    train = as_slice(part.fold.train)
    y_RT = rows_array((len(target_N), 1 + len(placebo_row_KN)))
    y_RT[:, 0] = target_N

    def shift(column: int) -> None:
        shifted_R = return_N[placebo_row_KN[column - 1][part.row_N]]
        y_RT[:, column] = task.fit(shifted_R[train]).transform(shifted_R)

    map_in_threads(shift, range(1, y_RT.shape[1]))
    return y_RT


def _begins_at_line(network: NetworkSettings, warm: WarmStart | None) -> bool:
    return network.linear_path and warm is None


def _spec(network: NetworkSettings, task: Task, x_RF: np.ndarray) -> NetSpec:
    """The network of every member, its embedding fitted on scaled training rows where there is one."""
    embedding = None if network.embedding == "none" else fit_piecewise_linear(x_RF, bins=network.embedding_bins)
    return build_network(network, inputs=x_RF.shape[1], head=task.head, embedding=embedding)


def _hidden_share(network: NetworkSettings, warm: WarmStart | None, *, rows: int) -> float:
    """The share kept of what training changes: all of it where the members do not begin at a line."""
    if not _begins_at_line(network, warm):
        return 1.0
    return share_by_rows(rows) if network.hidden_share is None else network.hidden_share


def _optimisation(
    settings: OptimisationSettings, warm: WarmStart | None, *, rows: int, log_interval: int
) -> Optimisation:
    """How the members are trained: afresh, or for the passes of a warm start."""
    epochs = settings.epochs if warm is None else warm.epochs
    return Optimisation(
        epochs=epochs,
        batch_size=settings.batch_size,
        warmup_steps=warm_up_of(settings, steps=epochs * ceil_div(rows, settings.batch_size)),
        schedule=settings.schedule,
        max_grad_norm=settings.max_grad_norm,
        spikes=SpikeRule(limit=settings.spike_limit),
        patience=settings.patience,
        average_epochs=settings.average_epochs,
        log_interval=log_interval,
    )
