"""How long the fits take is said before they begin, while they go on, and after a stop."""

from __future__ import annotations

import numpy as np
import pytest

from tailproof.core.records import Fold
from tailproof.referee.examination import Rehearsal
from tailproof.referee.fit_progress import FitProgress
from tailproof.runs.pace import Pace
from tailproof.walkforward import Plan

ROWS = np.zeros(0, dtype=np.int32)
FOLDS = tuple(Fold(train=range(100), validation=range(100, 110), test=range(110, 120), purged=0) for _ in range(3))
PLAN = Plan(folds=FOLDS[:2], shipped=FOLDS[2], group_N=ROWS, placebo_row_KN=(ROWS,) * 3, notes=())
"""Four fits of each of two folds and one more, all on 100 rows."""


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def progress(workers: int, clock: Clock, lines: list[str]) -> FitProgress:
    rehearsal = Rehearsal(training=None, forecast_R=ROWS, seconds=60.0, notes=(), findings=())  # type: ignore[arg-type]
    return FitProgress(PLAN, rehearsal, workers=workers, log=lines.append, pace=Pace(clock=clock))


@pytest.mark.parametrize(
    ("workers", "minutes"), [(1, "9 min 0 s"), (2, "4 min 30 s"), (3, "4 min 30 s"), (9, "2 min 15 s")]
)
def test_workers_shorten_what_is_announced_by_whole_rounds_of_a_fold(workers: int, minutes: str) -> None:
    announced = progress(workers, Clock(), []).announcement
    assert announced == f"One fit on 100 rows took 60 s: 9 fits of up to 100 rows take about {minutes}."


def test_the_rate_is_told_once_every_worker_has_made_a_fit() -> None:
    lines: list[str] = []
    clock = Clock()
    counted = progress(2, clock, lines)
    clock.now = 30.0
    counted.fit_done()
    assert lines == []
    counted.fit_done()
    assert lines == ["  2 of 9 fits done, about 1 min 45 s left"]


def test_a_resumed_run_counts_what_was_done_before_but_not_its_time() -> None:
    lines: list[str] = []
    clock = Clock()
    counted = progress(1, clock, lines)
    counted.resume(0)
    assert lines == []
    clock.now = 1000.0
    counted.resume(1)
    clock.now = 1020.0
    counted.fit_done()
    assert lines == [
        "Resumed from fit 4 of 9: about 5 min 0 s left.",
        "  5 of 9 fits done, about 1 min 20 s left",
    ]
