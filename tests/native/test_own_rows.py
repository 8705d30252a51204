"""Members with rows of their own: other orders, offsets and target columns."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.support.lanes_jobs import SUPPORTED, make_job, make_members

from tailproof.engines.fit_state import PackedState
from tailproof.engines.interface import TrainingJob
from tailproof.engines.lanes import Population
from tailproof.engines.lanes.native_records import MAX_SHARED_RECORD_BYTES, records_pay
from tailproof.models.spec import robust_financial_net


@pytest.fixture(params=SUPPORTED, autouse=True)
def instruction_set(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAILPROOF_ISA", request.param)


def after_two_epochs(population: Population) -> PackedState:
    while population.epoch <= 2:
        population.train_steps(5)
    return population.state()


def member_alone(job: TrainingJob, member: int) -> TrainingJob:
    return dataclasses.replace(job, members=job.members[member : member + 1])


@pytest.mark.parametrize("weighted", [False, True])
def test_an_order_for_each_member(weighted: bool) -> None:
    job = make_job(members=make_members(11), weighted=weighted)

    def orders(epoch: int) -> np.ndarray:
        rng = np.random.default_rng(epoch)
        return np.stack([rng.permutation(203) for _ in range(11)]).astype(np.int32)

    together = after_two_epochs(Population(job, order=orders))
    for member in (0, 4, 10):
        own = Population(member_alone(job, member), order=lambda epoch, m=member: orders(epoch)[m])
        np.testing.assert_array_equal(together.parameters_MP[member], after_two_epochs(own).parameters_MP[0])


@pytest.mark.parametrize("inputs", [5, 12, 40], ids=["one record", "two lines", "no record"])
def test_rows_and_target_columns_of_their_own(inputs: int) -> None:
    members = tuple(dataclasses.replace(member, target=i % 3) for i, member in enumerate(make_members(11)))
    spec = robust_financial_net(inputs=inputs, hidden_dims=(6,), dropout_rate=0.1)
    job = make_job(spec=spec, members=members, targets=3, weighted=True)
    together = after_two_epochs(Population(job, row_offset_M=[7 * member for member in range(11)]))
    for member in (1, 2, 10):
        own = Population(member_alone(job, member), row_offset_M=[7 * member])
        np.testing.assert_array_equal(together.parameters_MP[member], after_two_epochs(own).parameters_MP[0])


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("count", [1, 11])
def test_records_of_shared_rows_change_no_bit(monkeypatch: pytest.MonkeyPatch, weighted: bool, count: int) -> None:
    members = tuple(dataclasses.replace(member, target=i % 3) for i, member in enumerate(make_members(count)))
    job = make_job(members=members, targets=3, weighted=weighted, epochs=4)
    assert records_pay(job)
    with_records = after_two_epochs(Population(job))
    monkeypatch.setattr("tailproof.engines.lanes.native_population.records_pay", lambda job: False)
    without = after_two_epochs(Population(job))
    for name in ("parameters_MP", "first_moment_MP", "second_moment_MP"):
        np.testing.assert_array_equal(getattr(with_records, name), getattr(without, name))


def test_shared_rows_get_records_where_they_are_passed_often_and_fit() -> None:
    job = make_job(members=make_members(2), epochs=2)
    assert records_pay(job)
    assert not records_pay(dataclasses.replace(job, members=job.members[:1]))
    rows = MAX_SHARED_RECORD_BYTES // 32 + 1
    large = np.broadcast_to(np.float32(0.0), (rows, 5)), np.broadcast_to(np.float32(0.0), (rows, 1))
    assert not records_pay(dataclasses.replace(job, x_NF=large[0], y_NT=large[1]))
    assert records_pay(dataclasses.replace(job, x_NF=large[0][:-1], y_NT=large[1][:-1]))


def test_offsets_wrap_around_the_training_range() -> None:
    job = dataclasses.replace(make_job(members=make_members(4)), train=range(10, 190))
    offsets = [0, 1, 90, 179]
    population = Population(job, row_offset_M=offsets)
    together = after_two_epochs(population)
    plain = Population(job)
    for member, offset in enumerate(offsets):
        rows_N = plain.rows_of_step(0, epoch=1, step_in_epoch=3)
        moved_N = 10 + (rows_N - 10 + offset) % 180
        np.testing.assert_array_equal(population.rows_of_step(member, epoch=1, step_in_epoch=3), moved_N)
        alone = Population(
            member_alone(job, member),
            order=lambda epoch, o=offset: (10 + (plain._order(epoch) - 10 + o) % 180).astype(np.int32),
        )
        np.testing.assert_array_equal(together.parameters_MP[member], after_two_epochs(alone).parameters_MP[0])


def test_target_columns() -> None:
    members = tuple(dataclasses.replace(m, target=(3 * i) % 4) for i, m in enumerate(make_members(9)))
    job = make_job(members=members, targets=4)
    together = after_two_epochs(Population(job))
    for member in (0, 1, 8):
        column = dataclasses.replace(
            job,
            y_NT=np.ascontiguousarray(job.y_NT[:, members[member].target, None]),
            members=(dataclasses.replace(members[member], target=0),),
        )
        np.testing.assert_array_equal(
            together.parameters_MP[member], after_two_epochs(Population(column)).parameters_MP[0]
        )


def test_a_mapped_file_trains_as_memory_does(tmp_path) -> None:
    job = make_job(rows=500, validation_rows=100)
    job.x_NF.tofile(tmp_path / "x.f32")
    mapped = np.memmap(tmp_path / "x.f32", dtype=np.float32, mode="r", shape=job.x_NF.shape)
    first = Population(dataclasses.replace(job, x_NF=mapped))
    second = Population(job)
    np.testing.assert_array_equal(after_two_epochs(first).parameters_MP, after_two_epochs(second).parameters_MP)
    np.testing.assert_array_equal(first.validation_loss(), second.validation_loss())
