"""What a member becomes depends on that member alone: packs, threads, stops and instruction sets change no bit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.support.lanes_jobs import FUSED, PAPER_NET, SUPPORTED, make_job

from tailproof.engines.fit_state import PackedState
from tailproof.engines.interface import Member, TrainingJob
from tailproof.engines.lanes import Population
from tailproof.models.spec import robust_financial_net
from tailproof.objectives.objective import Objective

LINEAR_PATH_NET = robust_financial_net(inputs=5, hidden_dims=(7,), dropout_rate=0.1, linear_path=True, outputs=2)
RESIDUAL_NET = robust_financial_net(inputs=5, hidden_dims=(7,), dropout_rate=0.1, residual_blocks=1, outputs=2)


def trained(job: TrainingJob, *, threads: int = 1, cuts: tuple[int, ...] = (10**6,)) -> PackedState:
    """The state after two epochs, taken in calls of ``cuts`` steps in turn."""
    population = Population(job, threads=threads)
    turn = 0
    while population.epoch <= 2:
        population.train_steps(cuts[turn % len(cuts)])
        turn += 1
    return population.state()


def assert_same(first: PackedState, second: PackedState, members: slice = slice(None)) -> None:
    for name in ("parameters_MP", "first_moment_MP", "second_moment_MP", "applied_M"):
        np.testing.assert_array_equal(getattr(first, name)[members], getattr(second, name), err_msg=name)


def varied_members(count: int) -> tuple[Member, ...]:
    return tuple(
        Member(seed=s, learning_rate=1e-3 * (1 + s % 3), weight_decay=0.1 * (s % 2), dropout_rate=0.1 * (s % 4))
        for s in range(count)
    )


@pytest.fixture(params=SUPPORTED)
def instruction_set(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TAILPROOF_ISA", request.param)
    return str(request.param)


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("spec", [PAPER_NET, RESIDUAL_NET, LINEAR_PATH_NET], ids=["paper", "residual", "linear path"])
@pytest.mark.parametrize("count", [2, 8, 9, 16, 17, 33])
def test_alone_or_in_a_pack(spec, count: int) -> None:
    job = make_job(spec=spec, members=varied_members(count), weighted=True)
    together = trained(job)
    for member in {0, 1, count // 2, count - 1}:
        alone = trained(dataclasses.replace(job, members=job.members[member : member + 1]))
        assert_same(together, alone, slice(member, member + 1))


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("inputs", [1, 4, 17])
@pytest.mark.parametrize("hidden", [(1,), (3, 33), (16, 19)], ids=str)
@pytest.mark.parametrize("batch_size", [1, 6, 37])
def test_alone_or_in_a_pack_whatever_the_shape(inputs: int, hidden: tuple[int, ...], batch_size: int) -> None:
    """One member has sixteen, four or one sample in a register: none of it may show, in no ragged rest."""
    spec = robust_financial_net(inputs=inputs, hidden_dims=hidden, dropout_rate=0.2, outputs=3)
    objective = Objective(loss="pinball", quantiles=(0.1, 0.5, 0.9))
    settings = {"batch_size": batch_size, "weighted": True, "rows": 61, "validation_rows": 23}
    job = make_job(spec=spec, objective=objective, members=varied_members(5), **settings)
    together = Population(job)
    alone = Population(dataclasses.replace(job, members=job.members[3:4]))
    for population in (together, alone):
        population.train_steps(9)
    assert_same(together.state(), alone.state(), slice(3, 4))
    assert together.validation_loss()[3] == alone.validation_loss()[0]


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("count", [1, 5, 24, 40])
def test_number_of_threads(count: int) -> None:
    job = make_job(members=varied_members(count))
    alone = trained(job)
    for threads in (2, 3, 7):
        assert_same(trained(job, threads=threads), alone)


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("cuts", [(1,), (5, 1, 3), (13, 100)])
def test_how_steps_are_cut_into_calls(cuts: tuple[int, ...]) -> None:
    job = make_job(members=varied_members(5))
    assert_same(trained(job, cuts=cuts), trained(job))


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("stop", [1, 6, 12, 13, 14, 20])
def test_stop_and_resume_in_a_new_population(stop: int) -> None:
    job = make_job(members=varied_members(5))
    first = Population(job)
    for _ in range(stop):
        first.train_steps(1)
    second = Population(job)
    second.restore(first.state())
    while second.epoch <= 2:
        second.train_steps(100)
    assert_same(second.state(), trained(job))


def test_a_state_is_a_copy() -> None:
    population = Population(make_job())
    state = population.state()
    before = state.parameters_MP.copy()
    population.train_steps(3)
    np.testing.assert_array_equal(state.parameters_MP, before)
    assert (population.state().parameters_MP != before).any()


@pytest.mark.skipif(len(FUSED) < 2, reason="this machine runs one instruction set with fused multiply-add")
@pytest.mark.parametrize("spec", [PAPER_NET, RESIDUAL_NET], ids=["paper", "residual"])
def test_instruction_sets_with_fused_multiply_add_agree(monkeypatch: pytest.MonkeyPatch, spec) -> None:
    job = make_job(spec=spec, members=varied_members(19))
    states = []
    for name in FUSED:
        monkeypatch.setenv("TAILPROOF_ISA", name)
        states.append(trained(job))
    for state in states[1:]:
        assert_same(state, states[0])


@pytest.mark.usefixtures("instruction_set")
def test_a_frozen_member_stays_and_the_others_do_not_notice() -> None:
    job = make_job(members=varied_members(9))
    population = Population(job)
    population.train_steps(20)
    frozen = population.state()
    population.freeze(np.arange(9) == 4)
    population.train_steps(100)
    np.testing.assert_array_equal(population.state().parameters_MP[4], frozen.parameters_MP[4])
    others = np.arange(9) != 4
    np.testing.assert_array_equal(population.state().parameters_MP[others], trained(job).parameters_MP[others])


@pytest.mark.usefixtures("instruction_set")
def test_predictions_and_losses_do_not_depend_on_pack_or_threads() -> None:
    job = make_job(members=varied_members(21), rows=64, validation_rows=9001, weighted=True)
    together = Population(job, threads=1)
    assert_same(Population(job, threads=3).state(), together.state())
    loss_M = together.validation_loss()
    np.testing.assert_array_equal(Population(job, threads=3).validation_loss(), loss_M)
    for member in (0, 20):
        alone = Population(dataclasses.replace(job, members=job.members[member : member + 1]))
        assert alone.validation_loss()[0] == loss_M[member]
