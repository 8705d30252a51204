"""What an unfinished run stored comes back, or is refused by the name of its folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.support.engine_jobs import small_job

from tailproof.core.codec import FORMAT, to_tree
from tailproof.core.errors import RunFolderError
from tailproof.engines.fit_state import FitState
from tailproof.engines.lanes import LanesEngine
from tailproof.runs.checkpoint import RunCheckpoint, read_record
from tailproof.runs.step_counter import StepCounts
from tailproof.storage.tree_file import read_tree, write_tree


def state() -> FitState:
    states: list[FitState] = []
    LanesEngine(threads=1).fit(
        small_job(epochs=1), on_event=lambda event: None, offer=lambda make: states.append(make())
    )
    return states[0]


def checkpoint(fit: FitState | None) -> RunCheckpoint:
    counts = StepCounts(step=10, networks=2, model_steps=20)
    return RunCheckpoint(
        fingerprint={"option": {"--epochs": "3"}}, stops=1, time="2024-01-02", fold=3, fit=fit, counts=counts
    )


def test_a_checkpoint_comes_back_from_its_file(tmp_path: Path) -> None:
    before = checkpoint(state())
    write_tree(tmp_path / "run-1.kept", to_tree(before))
    after = read_record(read_tree(tmp_path / "run-1.kept"), RunCheckpoint, tmp_path)
    assert (after.fingerprint, after.stops, after.fold, after.counts) == (
        before.fingerprint, before.stops, before.fold, before.counts,
    )  # fmt: skip
    assert before.fit is not None
    assert after.fit is not None
    assert type(after.fit.population) is type(before.fit.population)
    np.testing.assert_array_equal(after.fit.population.parameters_MP, before.fit.population.parameters_MP)
    np.testing.assert_array_equal(after.fit.best.loss_M, before.fit.best.loss_M)


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        ({"beginning": {}, "stops": 0, "time": "", "fold": 0, "fit": None, "counts": {}}, f"must be {FORMAT}, got 1"),
        (to_tree(checkpoint(None)) | {"format": FORMAT + 1}, f"must be {FORMAT}, got {FORMAT + 1}"),
        (to_tree(checkpoint(None)) | {"fold": "third"}, "RunCheckpoint.fold must be int, got 'third'"),
    ],
)
def test_another_format_is_refused_by_name_with_what_to_do(tree: dict, reason: str) -> None:
    with pytest.raises(RunFolderError) as refused:
        read_record(tree, RunCheckpoint, Path("runs/old"))
    message = str(refused.value)
    assert message.startswith("runs/old: this version of tailproof cannot go on")
    assert reason in message
    assert "training_config.json" in message
    assert "another out" in message
