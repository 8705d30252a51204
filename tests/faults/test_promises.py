"""A few trials of every promise of ``make test-faults`` that needs no process of its own."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
from tests.faults.promises import damaged, extremes, kept, names, stopped
from tests.faults.promises.ground import Ground, Promise, prepare

TRIALS = {damaged: 12, extremes: 6, kept: 6, names: 6}
PROMISES = [(promise, count) for module, count in TRIALS.items() for promise in module.PROMISES]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return prepare(tmp_path_factory.mktemp("faults"), seed=1)


@pytest.mark.parametrize(("promise", "count"), PROMISES, ids=lambda value: getattr(value, "text", ""))
def test_no_trial_breaks_it(promise: Promise, count: int, ground: Ground) -> None:
    faults = [fault for trial in islice(promise.trials(ground), count) if (fault := trial()) is not None]
    assert faults == []


def test_a_cell_of_a_line_with_a_carriage_return_is_refused_in_words(ground: Ground) -> None:
    """The csv module of Python raises an error of its own there."""
    content = ground.bars.read_bytes().splitlines(keepends=True)
    content[50] = b'"2024-01-02T10:00:00Z"\r,1,2,3,4,5\n'
    path: Path = ground.folder / "returns.csv"
    path.write_bytes(b"".join(content))
    assert damaged.read_or_refused(path) is None


@pytest.mark.slow
def test_a_training_that_is_stopped_at_random_moments_resumes_to_the_same_bits(ground: Ground) -> None:
    faults = [fault for trial in islice(stopped.run_trials(ground), 200) if (fault := trial()) is not None]
    assert faults == []
