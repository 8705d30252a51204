"""Trains the folds of a run one after the other, and reports and stores the progress."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tailproof import report
from tailproof.arrays.ranges import as_slice, ceil_div
from tailproof.core.events import LogLine, StepsDone, TrainingRecord, ValidationScored, WindowStarted, details
from tailproof.core.fit import Event, Fit
from tailproof.core.records import Design
from tailproof.engines.interface import Engine
from tailproof.evaluation import spearman
from tailproof.objectives import row_losses
from tailproof.runs.fold_set_up import fold_baselines
from tailproof.runs.open_run import OpenRun
from tailproof.runs.prepared_run import PreparedRun
from tailproof.runs.step_counter import StepCounter
from tailproof.settings.population_settings import PopulationSettings
from tailproof.walkforward import (
    FoldCheckpoint,
    FoldResult,
    FoldTraining,
    Plan,
    PooledForecasts,
    real_events,
    run_folds,
)

MAX_FOLD_LINES = 20
"""Maximum number of folds that are all logged; of more, evenly spaced ones and the last are logged."""
MAX_FOLDS_SHOWN = 6
"""Maximum number of folds that a screen shows, likewise."""


def train_folds(ready: PreparedRun, *, engine: Engine, run: OpenRun) -> tuple[PooledForecasts, Fit]:
    """Train every fold that a stopped run had not done, and the shipped members; see ``run_folds``."""
    settings = ready.settings
    runner = FoldRunner(
        design=ready.design,
        plan=ready.plan,
        population=settings.population,
        verbose=settings.running.verbose,
        shipped=ready.shipped,
        engine=engine,
        run=run,
    )
    with run.interrupts.deferred():
        return run_folds(
            ready.design,
            ready.plan,
            set_up=ready.set_up,
            shipped=ready.shipped,
            engine=engine,
            fit_fold=runner.fit,
            on_fold=runner.end,
            population=settings.population,
            horizon=settings.task.horizon,
            baselines=fold_baselines(ready.plan, settings),
            done=run.done,
        )


@dataclass(frozen=True, kw_only=True)
class FoldRunner:
    """The callbacks of ``run_folds`` for each fold of a run."""

    design: Design
    plan: Plan
    population: PopulationSettings
    verbose: bool
    shipped: FoldTraining
    engine: Engine
    run: OpenRun

    def fit(self, training: FoldTraining, number: int) -> Fit:
        """Train a fold's population; its records go to metrics.jsonl, and those of the shipped members are logged."""
        run, window, counter = self.run, self._window(training, number), StepCounter()
        logged = number == 0 or not self.plan.ships_its_own
        training_lines = report.TrainingLines(
            window,
            epoch_lines=logged or self.verbose,
            epochs_shown=not self.plan.ships_its_own,
            interval_lines=self.verbose,
            seconds_of_silence=run.pace.seconds_of_silence,
            reading=report.losses_of_epochs(to_line=training.hidden_share < 1.0, shrunk=training.shrinks),
        )
        stored = run.checkpointer.state_of(number)
        if stored is None:
            run.emit(window)
            run.log(*self._interaction_lines(training, number))
            if self.engine.name != "estimator":  # which has no epochs
                start = training.start(self.engine)
                run.emit(TrainingRecord(fold=number, record=start))
                run.log(*training_lines.lines(start, networks=counter.counts.networks))
        else:
            counter.resume(stored[1])

        def on_real_event(event: Event) -> None:
            run.emit(TrainingRecord(fold=number, record=event))
            run.log(*training_lines.lines(event, networks=counter.counts.networks))

        on_real_member = real_events(on_real_event, training)

        def on_event(event: Event) -> None:
            counter.count(event)
            run.emit(StepsDone(fold=number, model_steps=counter.counts.model_steps))
            on_real_member(event)

        offer = run.checkpointer.offer(number, counter)
        state = None if stored is None else stored[0]
        fit = self.engine.fit(training.job, on_event=on_event, state=state, offer=offer)
        if self.engine.name == "estimator" and len(training.job.validation):
            run.emit(ValidationScored(fold=number, loss=self._validation_loss(training, fit)))
        return fit

    def _validation_loss(self, training: FoldTraining, fit: Fit) -> float:
        """The mean loss of the real member of an outside model on the validation rows."""
        job, rows = training.job, as_slice(training.job.validation)
        real = {name: value[:1] for name, value in fit.best_parameters.items()}
        forecast_N = self.engine.predict(job.spec, real, job.x_NF[rows])[0, :, 0]
        return float(row_losses(job.objective, forecast_N, job.y_NT[rows, job.members[0].target]).mean())

    def end(self, number: int, done: FoldCheckpoint) -> None:
        """Log the result of a fold, and store it."""
        if self._is_logged(number):
            self.run.log(*self._lines(number, done.result))
        self.run.checkpointer.fold_done(done)

    def _is_logged(self, number: int) -> bool:
        """Whether the log has lines of a fold; the model that is shipped has others."""
        folds = len(self.plan.folds)
        evenly_spaced = number % ceil_div(folds, MAX_FOLD_LINES) == 0
        return self.plan.ships_its_own and number > 0 and (evenly_spaced or number == folds)

    def _interaction_lines(self, training: FoldTraining, number: int) -> list[LogLine]:
        """The interactions of a fold, which may be others than those of the window shipped."""
        interactions = training.interactions[0].describe(self.design.names) if self._is_logged(number) else ""
        if not interactions:
            return []
        where = f"fold {number}/{len(self.plan.folds)}"
        return details([f"  Interactions of squashed inputs, in {where}: {interactions}"])

    def _window(self, training: FoldTraining, number: int) -> WindowStarted:
        fold = training.fold
        return WindowStarted(
            fold=number,
            folds=len(self.plan.folds),
            epochs=training.job.optimisation.epochs,
            steps=ceil_div(len(fold.train), training.job.optimisation.batch_size),
            members=len(training.layout.select(role="real")),
            networks=len(training.job.members),
            batch_size=training.job.optimisation.batch_size,
            constant_train_loss=training.constant_loss(fold.train),
            constant_validation_loss=training.constant_loss(fold.validation) if len(fold.validation) else None,
        )

    def _lines(self, number: int, result: FoldResult) -> list[LogLine]:
        folds, rows, objective = len(self.plan.folds), len(result.row_R), self.shipped.job.objective
        constant_R = np.full(rows, result.constant)
        shown = number % ceil_div(folds, MAX_FOLDS_SHOWN) == 0 or number == folds
        return report.fold_lines(
            number,
            folds,
            rows=rows,
            loss=float(row_losses(objective, result.forecasts.mean_R, result.target_R).mean()),
            constant_loss=float(row_losses(objective, constant_R, result.target_R).mean()),
            rank_ic=spearman(result.forecasts.mean_R, self.design.return_N[result.row_R]),
            seconds=result.seconds,
            rate=result.model_steps / result.seconds,
            shown=shown,
        )
