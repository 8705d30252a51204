"""The preparation of a run before it trains: its rows, its folds, and the set-up of the window that it ships."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tailproof.audit import Audit
from tailproof.audit.run_audit import audit_run
from tailproof.bars import Merged
from tailproof.core.errors import ConfigError
from tailproof.core.memory import available_memory
from tailproof.core.records import Bars, Design, Fold
from tailproof.core.surface import key, setting
from tailproof.features.select_features import Selection
from tailproof.models.network import build_network
from tailproof.runs.estimates import refuse_no_memory
from tailproof.runs.fold_set_up import fold_set_up
from tailproof.runs.own_inputs import NO_OWN_INPUTS, OwnInputs
from tailproof.settings.train_settings import TrainSettings
from tailproof.tasks import TASKS, Task
from tailproof.walkforward import FoldTraining, Plan, SetUpFold, bars_to_design, make_plan


@dataclass(frozen=True, kw_only=True)
class PreparedRun:
    """Bars made into rows and folds by the settings of a run; nothing is trained yet."""

    bars: Bars
    settings: TrainSettings
    selection: Selection
    """The features of the design."""
    design: Design
    plan: Plan
    set_up: SetUpFold
    """Prepares the training of a fold."""
    shipped: FoldTraining
    """The training of the shipped window; with the placebos where the window is a fold of the plan."""
    task: Task
    own: OwnInputs = NO_OWN_INPUTS

    def audit(self, merged: Sequence[Merged]) -> Audit | None:
        """The causality audit of what training rests on; None where the settings switch it off.

        Args:
            merged: how the series were joined to the bars.

        Raises:
            LeakError: something knows the future, and the settings say that this stops the run.
        """
        return audit_run(
            self.bars,
            self.selection.features,
            self.design,
            self.plan,
            fit=self._fitted_statistics,
            task=self.task,
            fixed_label=self.own.fixed_label,
            horizon=self.settings.task.horizon,
            on_leak=self.settings.evaluation.audit,
            seed=self.settings.population.seed,
            merged=merged,
        )

    def _fitted_statistics(self, rows: Design, fold: Fold) -> dict[str, Any]:
        return fold_set_up(rows, self.settings)(fold).fitted_statistics()


def prepare_run(bars: Bars, settings: TrainSettings, own: OwnInputs = NO_OWN_INPUTS) -> PreparedRun:
    """Make rows of the bars, plan the folds on them, and set up the window that the run ships.

    Args:
        bars: of the run.
        settings: of the run.
        own: features, label and splits of the caller's own.

    Raises:
        ConfigError: the features, the split or the target do not fit the bars, the networks not into memory, or a warm
            start not the embedding.
        DataError: a feature is not finite, or no row is left.
    """
    if settings.split.warm_start and settings.network.embedding != "none":
        raise ConfigError(
            f"{key('warm_start')} continues from weights, but with {setting('embedding', settings.network.embedding)} "
            "each fold has bins of its own. Leave one of them out."
        )
    task = TASKS[settings.task.target]
    if own.label is not None:
        task = replace(task, label=own.label)
    design, selection = bars_to_design(
        bars, settings.features, task=task, horizon=settings.task.horizon, own=own.features
    )
    plan = make_plan(
        design,
        split=settings.split,
        evaluation=settings.evaluation,
        population=settings.population,
        splitter=own.splitter,
    )
    refuse_no_memory(
        build_network(settings.network, inputs=settings.network.values_per_input * len(design.names), head=task.head),
        networks=settings.population.members * (1 + len(plan.placebo_row_KN)),
        average_epochs=settings.optimisation.average_epochs,
        available=available_memory(),
    )
    set_up = fold_set_up(design, settings)
    return PreparedRun(
        bars=bars,
        settings=settings,
        selection=selection,
        design=design,
        plan=plan,
        set_up=set_up,
        shipped=set_up(plan.shipped, placebo_row_KN=() if plan.ships_its_own else plan.placebo_row_KN),
        task=task,
        own=own,
    )
