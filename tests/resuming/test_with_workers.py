"""A run whose members several workers train keeps its finished folds, and goes on with as many workers as there are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from tests.resuming.test_stopped_anywhere import SETTINGS, Recorder, disk_is_not_waited_for, train
from tests.support.same_run import assert_same_run

from tailproof.core.fit import Fit
from tailproof.engines.distributed.shards import JoinedEvents
from tailproof.engines.interface import Engine, TrainingJob

__all__ = ["disk_is_not_waited_for"]


class InTurn:
    """A pool of so many workers, which train one after the other in this process."""

    threads = None

    def __init__(self, count: int) -> None:
        self._count = count

    def workers(self, engine: Engine, job: TrainingJob) -> int:
        return self._count

    def describe(self, engine: Engine, job: TrainingJob) -> str:
        return f"Workers: {self._count}."

    def train(
        self, engine: Engine, job: TrainingJob, shares: Sequence[TrainingJob], joined: JoinedEvents
    ) -> Sequence[Fit]:
        fits = []
        for number, share in enumerate(shares):
            fits.append(engine.fit(share, on_event=partial(joined.add, number)))
            joined.end(number)
        return fits


CASES = {
    "lanes, workers": ("lanes", 3, 2),
    "lanes, workers, then one": ("lanes", 3, None),
    "lanes, one, then workers": ("lanes", None, 3),
    "torch, one, then workers": ("torch", None, 3),
}


@pytest.mark.parametrize(("engine", "before", "after"), CASES.values(), ids=CASES)
def test_a_run_goes_on(engine: str, before: int | None, after: int | None, tmp_path: Path) -> None:
    """Where one process was stopped inside a fold, that fold is ended by one process."""
    settings = SETTINGS.replace(engine=engine, patience=1, learning_rate=0.1, folds=2, baselines=False)
    before_stop, after_stop = (None if count is None else InTurn(count) for count in (before, after))
    whole = Recorder()
    train(tmp_path / "whole" / "run", settings, whole)
    out = tmp_path / "stopped" / "run"
    with pytest.raises(KeyboardInterrupt):
        train(out, settings, Recorder(stop=int(0.6 * whole.records)), workers=before_stop)
    recorder = Recorder()
    train(out, settings, recorder, resume=True, workers=after_stop)
    (resumed,) = [line for line in recorder.lines if line.startswith("Resumed from ")]
    assert ("in training" in resumed) == (before is None)
    assert_same_run(out, tmp_path / "whole" / "run")
