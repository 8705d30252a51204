"""The native module checks what it is given: a wrong size or row is an error, never a wild read."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.support.lanes_jobs import make_job, make_members

from tailproof import _lanes
from tailproof._lanes import Kind
from tailproof.core.errors import ConfigError
from tailproof.engines.lanes import Population
from tailproof.engines.lanes.program import Operation, build_program
from tailproof.models.spec import Linear, NetSpec
from tailproof.objectives.objective import Objective


def test_rows_outside_the_range() -> None:
    for rows in ([203], [-1], [5, 2**31 - 1]):
        population = Population(make_job(), order=lambda epoch, r=rows: np.array(r * 203, dtype=np.int32)[:203])
        with pytest.raises(ValueError, match="outside its range"):
            population.train_steps(1)


def test_missing_target_column() -> None:
    members = (dataclasses.replace(make_members(1)[0], target=1),)
    with pytest.raises(ValueError, match="target column"):
        Population(make_job(members=members)).train_steps(1)


def test_features_of_another_width() -> None:
    job = make_job()
    with pytest.raises(ValueError, match="one column for each input"):
        Population(dataclasses.replace(job, x_NF=job.x_NF[:, :4].copy())).train_steps(1)


def test_rows_of_x_and_y_differ() -> None:
    job = make_job()
    with pytest.raises(ValueError, match="same number of rows"):
        Population(dataclasses.replace(job, y_NT=job.y_NT[:-1]))


def test_training_range_outside_the_data() -> None:
    with pytest.raises(ValueError, match="range of rows"):
        Population(dataclasses.replace(make_job(), train=range(100, 300))).train_steps(1)


def test_validation_range_outside_the_data() -> None:
    with pytest.raises(ValueError, match="range of rows"):
        Population(dataclasses.replace(make_job(), validation=range(203, 300))).validation_loss()


def test_quantiles_must_match_outputs() -> None:
    with pytest.raises(ValueError, match="one quantile for each output"):
        Population(make_job(objective=Objective(loss="pinball", quantiles=(0.1, 0.9)))).train_steps(1)


def test_a_state_of_another_population() -> None:
    with pytest.raises(ConfigError, match="members, parameters"):
        Population(make_job()).restore(Population(make_job(members=make_members(4))).state())


def test_no_threads() -> None:
    with pytest.raises(ConfigError, match="threads"):
        Population(make_job(), threads=0)


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ([Operation(kind=Kind.linear, inputs=3, outputs=2, bias=6)], "outside the parameters"),
        ([Operation(kind=Kind.linear, inputs=4, outputs=1, bias=4)], "width of the one before"),
        ([Operation(kind=Kind.fork, inputs=3, outputs=3)], "never joined"),
        ([Operation(kind=Kind.join, inputs=3, outputs=3)], "joins no fork"),
        ([], "at least one operation"),
    ],
)
def test_programs_that_do_not_fit(operations: list[Operation], message: str) -> None:
    native = [operation.native() for operation in operations]
    with pytest.raises(ValueError, match=message):
        _lanes.Program(inputs=3, operations=native, parameter_count=7)


def test_operations_cross_by_name() -> None:
    with pytest.raises(TypeError):
        _lanes.Operation(0, 3, 2, 0, 6, False, -1, 0.0)  # type: ignore[misc]


def test_instruction_sets_that_are_not_there() -> None:
    spec = NetSpec(inputs=1, layers=(Linear(inputs=1, outputs=1),))
    with pytest.raises(ValueError, match="no instruction set mmx"):
        _lanes.predict(
            build_program(spec),
            _lanes.Data(np.zeros((1, 1), np.float32), None, None),
            np.zeros((3, 2), np.float32),
            np.zeros((3, 1, 1), np.float32),
            _lanes.Run(instruction_set="mmx", threads=1),
        )
