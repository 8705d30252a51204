from dataclasses import replace

import numpy as np
import pytest

from tailproof.core.records import Fold
from tailproof.settings.optimisation_settings import OptimisationSettings
from tailproof.walkforward import Plan, warm_up_notes
from tailproof.walkforward.warm_up import warm_up_of


def plan_of(*rows: int) -> Plan:
    folds = tuple(
        Fold(train=range(count), validation=range(0), test=range(count, count + 10), purged=0) for count in rows
    )
    return Plan(folds=folds, shipped=folds[-1], group_N=np.arange(10), placebo_row_KN=(), notes=())


def test_a_short_fold_warms_up_over_a_third_of_its_steps() -> None:
    assert warm_up_of(OptimisationSettings(), steps=900) == 300
    assert warm_up_of(OptimisationSettings(), steps=10_000) == 1_000
    assert warm_up_of(OptimisationSettings(warmup_steps=1_000), steps=900) == 1_000, "asked for by name it is kept"


def test_nothing_is_said_where_every_window_is_long_enough() -> None:
    assert warm_up_notes(plan_of(16_000, 32_000), OptimisationSettings(batch_size=16)) == ()
    assert warm_up_notes(plan_of(1_600), OptimisationSettings(batch_size=16, warmup_steps=100)) == ()


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (None, "Warm-up: {windows}: their learning rate rises over a third of their steps."),
        (1000, "Warning: {windows}. The warm-up is kept as asked for; "),
    ],
)
def test_short_windows_are_said(asked: int | None, line: str) -> None:
    (note,) = warm_up_notes(plan_of(1_600, 16_000), OptimisationSettings(batch_size=16, warmup_steps=asked))
    windows = "1 of 2 windows have fewer steps than three warm-ups of 1,000 (at least 300)"
    assert note.startswith(line.format(windows=windows))


def test_steps_of_windows() -> None:
    plan = plan_of(100, 200)
    optimisation = OptimisationSettings(batch_size=16, epochs=2)
    assert plan.steps(optimisation) == (2 * 7, 2 * 13)
    warm = replace(plan, warm_epochs=1, shipped=Fold(train=range(16), validation=range(0), test=range(0), purged=0))
    assert warm.steps(optimisation) == (2 * 7, 13, 1)
    assert warm.model_steps(optimisation, members=3) == 3 * (2 * 7 + 13 + 1)
