"""The folds of a run trained one after the other, with all that is told and kept of them on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tailproof import report
from tailproof.arrays.ranges import ceil_div
from tailproof.core.fit import Event, Fit
from tailproof.core.records import Design
from tailproof.engines.interface import Engine
from tailproof.evaluation import spearman
from tailproof.objectives import row_losses
from tailproof.runs.checkpointer import Keeper
from tailproof.runs.journal import Journal
from tailproof.settings.population_settings import PopulationSettings
from tailproof.walkforward import FoldCheckpoint, FoldResult, FoldTraining, Plan, real_members

FOLD_LINES = 20
"""Of more folds than this, only so many are shown on the way."""


@dataclass(frozen=True, kw_only=True)
class FoldByFold:
    """What ``run_folds`` calls for each fold of a run."""

    design: Design
    plan: Plan
    population: PopulationSettings
    verbose: bool
    shipped: FoldTraining
    engine: Engine
    journal: Journal
    keeper: Keeper

    def fit(self, training: FoldTraining, number: int) -> Fit:
        """Train a fold's population; progress goes to metrics.jsonl, and of the shipped members to the screen too."""
        fold, journal = training.fold, self.journal
        window = report.Window(
            fold=number,
            folds=len(self.plan.folds),
            epochs=training.job.optimisation.epochs,
            steps=ceil_div(len(fold.train), training.job.optimisation.batch_size),
            members=self.population.members,
            networks=len(training.job.members),
            batch_size=training.job.optimisation.batch_size,
            constant_train_loss=training.constant_loss(fold.train),
            constant_validation_loss=training.constant_loss(fold.validation) if len(fold.validation) else None,
        )
        shown = number == 0 or not self.plan.ships_its_own
        progress = report.Progress(window, epoch_lines=shown or self.verbose, interval_lines=self.verbose)
        state, counts = self.keeper.state_of(number)
        if state is None:
            journal.record("fold", window.as_record())
        else:
            progress.go_on(counts)

        def on_real_event(event: Event) -> None:
            kind, values = report.event_record(event)
            journal.record(kind, {"fold": number, **values})
            journal.say_all(*progress.lines(event))

        on_real_member = real_members(on_real_event, training, members=self.population.members)

        def on_event(event: Event) -> None:
            progress.count(event)
            journal.tell("progress", {"fold": number, "model_steps": progress.model_steps})
            on_real_member(event)

        return self.engine.fit(training.job, on_event=on_event, state=state, offer=self.keeper.offer(number, progress))

    def end(self, number: int, done: FoldCheckpoint) -> None:
        """Tell how a fold went, and keep it."""
        every = ceil_div(len(self.plan.folds), FOLD_LINES)
        if self.plan.ships_its_own and (number % every == 0 or number == len(self.plan.folds)):
            self.journal.say(self._line(number, done.result))
        self.keeper.fold_done(done)

    def _line(self, number: int, result: FoldResult) -> str:
        rows, objective = len(result.row_R), self.shipped.job.objective
        constant_R = np.full(rows, result.constant)
        return report.fold_line(
            number,
            len(self.plan.folds),
            rows=rows,
            loss=float(row_losses(objective, result.forecasts.mean_R, result.target_R).mean()),
            constant_loss=float(row_losses(objective, constant_R, result.target_R).mean()),
            rank_ic=spearman(result.forecasts.mean_R, self.design.return_N[result.row_R]),
            seconds=result.seconds,
            rate=result.model_steps / result.seconds,
        )
