"""How often a run is kept: by the clock, whatever happens how often, and less where it costs much."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tailproof.core.events import VerdictReached
from tailproof.core.fit import Fit
from tailproof.objectives import NO_SHRINKAGE
from tailproof.population import PopulationForecasts
from tailproof.report import SILENT
from tailproof.runs.checkpointer import Checkpointer
from tailproof.runs.journal import Journal
from tailproof.runs.pace import Pace
from tailproof.runs.step_counter import StepCounter
from tailproof.storage import RunFolder
from tailproof.storage.unfinished import Unfinished
from tailproof.walkforward import FoldCheckpoint, FoldResult

FIT = Fit(
    engine="lanes",
    best_parameters={"0.weight": np.ones((2, 3), dtype=np.float32)},
    final_parameters={"0.weight": np.zeros((2, 3), dtype=np.float32)},
    best_epoch_M=np.array([1, 1]),
    history=(),
)


class Clock:
    """Seconds that rise when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def fold_done(row: int) -> FoldCheckpoint:
    one_R = np.array([float(row)])
    result = FoldResult(
        row_R=np.array([row]),
        path_R=np.array([0]),
        forecasts=PopulationForecasts(member_MR=np.ones((2, 1), dtype=np.float32), placebo_KR=np.ones((0, 1))),
        target_R=one_R,
        predicted_return_R=one_R,
        shrinkage=NO_SHRINKAGE,
        constant=0.5,
        zero_return_target=0.5,
        baselines={"ridge": one_R},
        stack_weights={},
        seconds=0.5,
        model_steps=10,
    )
    return FoldCheckpoint(result=result, shuffled=None, groups=row, fit=FIT)


def opened(path: Path, clock: Clock) -> tuple[Checkpointer, RunFolder]:
    checkpointer = Checkpointer(lambda: {"option": {"--epochs": "3"}}, pace=Pace(clock=clock))
    journal = Journal(SILENT)
    folder = checkpointer.open(path, journal=journal, resume=False, overwrite=False)
    journal.log("begun")
    journal.emit(VerdictReached(verdict={}))
    return checkpointer, folder


def test_hundreds_of_short_folds_are_kept_together_and_come_back_one_by_one(tmp_path: Path) -> None:
    clock = Clock()
    checkpointer, folder = opened(tmp_path / "run", clock)
    for row in range(1, 201):
        clock.now += 0.5
        checkpointer.fold_done(fold_done(row))
    stored = folder.unfinished.read()
    assert [len(part["folds"]) for part in stored.parts] == [60, 60, 60]
    assert [fold["fit"] is not None for fold in stored.parts[-1]["folds"]] == [False] * 59 + [True]
    folder.release()

    again = Checkpointer(lambda: {"option": {"--epochs": "3"}}, pace=Pace(clock=clock))
    again.open(tmp_path / "run", journal=Journal(SILENT), resume=True, overwrite=False)
    assert [done.groups for done in again.done] == list(range(1, 181))
    assert again.done[-1].fit is not None
    np.testing.assert_array_equal(again.done[-1].fit.best_parameters["0.weight"], FIT.best_parameters["0.weight"])
    assert again.done[99].result.baselines["ridge"].tolist() == [100.0]


class SlowUnfinished(Unfinished):
    """Checkpoints that take two seconds of a clock each."""

    def __init__(self, run: Path, clock: Clock) -> None:
        super().__init__(run, growing=())
        self.clock = clock
        self.kept_at: list[float] = []

    def write(self, head: Mapping[str, Any], *, part: Mapping[str, Any] | None) -> None:
        del head, part
        self.kept_at.append(self.clock.now)
        self.clock.now += 2.0


def test_what_takes_long_to_keep_is_kept_less_often(tmp_path: Path) -> None:
    clock = Clock()
    checkpointer, folder = opened(tmp_path / "run", clock)
    folder.unfinished = slow = SlowUnfinished(tmp_path / "run", clock)
    offer = checkpointer.offer(1, StepCounter())
    while clock.now < 500.0:
        clock.now += 1.0
        offer(dict)
    assert slow.kept_at == [30.0, 232.0, 434.0], "two seconds in every two hundred"


def test_the_state_is_not_asked_for_before_it_is_time(tmp_path: Path) -> None:
    clock = Clock()
    checkpointer, _ = opened(tmp_path / "run", clock)

    def asked() -> dict[str, Any]:
        raise AssertionError("making a state costs a copy")

    clock.now = 29.0
    checkpointer.offer(1, StepCounter())(asked)
    assert checkpointer.interruption_message() == "Stopped, before anything was kept (a run is kept every 30 s)."
