"""A number that is not finite is seen at its step, for its lane alone; nothing compiles it away."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.support.lanes_jobs import SUPPORTED, make_job, make_members

from tailproof.core.errors import TrainingError
from tailproof.core.fit import Event, GuardEvent
from tailproof.engines.interface import TrainingJob
from tailproof.engines.lanes import LanesEngine, Population
from tailproof.models.spec import Linear, NetSpec, ReLU, robust_financial_net
from tailproof.objectives.objective import Objective

RELU_NET = NetSpec(inputs=5, layers=(Linear(inputs=5, outputs=4), ReLU(), Linear(inputs=4, outputs=1)))
NO_NORM_NET = robust_financial_net(inputs=5, hidden_dims=(8,), dropout_rate=0.5)


@pytest.fixture(params=SUPPORTED, autouse=True)
def instruction_set(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAILPROOF_ISA", request.param)


def step_of_row(job: TrainingJob, row: int) -> int:
    population = Population(job)
    for step in range(population.steps_per_epoch):
        if row in population.rows_of_step(0, epoch=1, step_in_epoch=step):
            return step
    raise AssertionError(f"row {row} is in no step")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("spec", [RELU_NET, NO_NORM_NET, make_job().spec], ids=["relu", "no input norm", "paper"])
def test_a_bad_feature_skips_its_step_and_no_other(bad: float, spec: NetSpec) -> None:
    job = make_job(spec=spec, members=make_members(3, dropout_rate=0.1))
    job.x_NF[77, 2] = bad
    step = step_of_row(job, 77)
    population = Population(job)
    population.train_steps(step)
    before = population.state()
    stretch = population.train_steps(1)
    assert stretch.skips == ((step, 0), (step, 1), (step, 2))
    assert stretch.skipped_SM.tolist() == [[1, 1, 1]]
    assert stretch.applied_SM.tolist() == [[0, 0, 0]]
    after = population.state()
    for name in ("parameters_MP", "first_moment_MP", "second_moment_MP", "applied_M"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name), err_msg=name)
    rest = population.train_steps(100)
    assert rest.skips == ()
    assert np.isfinite(population.state().parameters_MP).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize(
    "objective",
    [Objective(), Objective(loss="mse"), Objective(loss="pinball", quantiles=(0.3,))],
    ids=["huber", "mse", "pinball"],
)
def test_a_bad_target_skips_the_members_that_learn_it(bad: float, objective: Objective) -> None:
    members = tuple(dataclasses.replace(member, target=index % 2) for index, member in enumerate(make_members(5)))
    job = make_job(members=members, targets=2, objective=objective)
    clean = Population(dataclasses.replace(job, y_NT=job.y_NT.copy()))
    job.y_NT[50, 1] = bad
    population = Population(job)
    stretch = population.train_steps(100)
    step = step_of_row(job, 50)
    assert stretch.skips == ((step, 1), (step, 3))
    clean.train_steps(100)
    np.testing.assert_array_equal(population.state().parameters_MP[::2], clean.state().parameters_MP[::2])
    assert population.applied_M.tolist() == [13, 12, 13, 12, 13]


def test_weights_that_overflow_are_seen_too() -> None:
    job = make_job(spec=RELU_NET, members=make_members(2, dropout_rate=0.0))
    parameters = Population(job).parameters
    parameters["2.weight"][1] = 3e38
    parameters["0.weight"][1] = 3e38
    stretch = Population(job, parameters=parameters).train_steps(2)
    assert stretch.skips == ((0, 1), (1, 1))


def test_a_skipped_step_does_not_advance_the_schedule() -> None:
    """With its first two batches skipped, a member then learns as if its first step were the third batch."""
    job = make_job(members=make_members(1, dropout_rate=0.0))
    broken = dataclasses.replace(job, y_NT=job.y_NT.copy())
    order_N = np.arange(203, dtype=np.int32)
    broken.y_NT[:32] = np.nan
    skipping = Population(broken, order=lambda epoch: order_N)
    skipping.train_steps(6)
    straight = Population(job, order=lambda epoch: np.roll(order_N, -32))
    straight.train_steps(4)
    np.testing.assert_array_equal(skipping.state().parameters_MP, straight.state().parameters_MP)
    assert skipping.applied_M.tolist() == [4]


def test_events_name_the_rows() -> None:
    job = make_job(max_skipped_share=0.5)
    job.x_NF[77, 2] = np.nan
    events: list[Event] = []
    fit = LanesEngine(threads=1).fit(job, on_event=events.append)
    guards = [event for event in events if isinstance(event, GuardEvent)]
    assert [guard.rows for guard in guards] == [(77,)] * 6
    assert [guard.member for guard in guards] == [0, 1, 2] * 2
    assert guards[0].step == step_of_row(job, 77) + 1
    assert "feature" in guards[0].reason
    assert fit.guard_events == tuple(guards)
    assert fit.history[0].skipped_M.tolist() == [1, 1, 1]


def test_the_whole_batch_is_named_where_the_data_were_finite() -> None:
    job = make_job(objective=Objective(loss="mse"), spec=RELU_NET, max_skipped_share=1.0)
    job.y_NT[50] = 3e38
    events: list[Event] = []
    LanesEngine(threads=1).fit(dataclasses.replace(job), on_event=events.append)
    guard = next(event for event in events if isinstance(event, GuardEvent))
    assert len(guard.rows) == 16
    assert 50 in guard.rows
    assert "although every feature and target was" in guard.reason


def test_too_many_skips_stop_the_run() -> None:
    job = make_job(max_skipped_share=0.05)
    job.x_NF[77, 2] = np.nan
    with pytest.raises(TrainingError, match="1 of 13 were") as caught:
        LanesEngine(threads=1).fit(job, on_event=lambda event: None)
    assert "rows 77" in str(caught.value)


@pytest.mark.parametrize("spec", [RELU_NET, NO_NORM_NET, make_job().spec], ids=["relu", "no input norm", "paper"])
def test_a_bad_feature_gives_a_forecast_that_says_so(spec: NetSpec) -> None:
    """A ReLU written as "x above 0, else 0" would turn NaN into a plausible number."""
    job = make_job(spec=spec)
    job.x_NF[77, 2] = np.nan
    output_MNO = LanesEngine(threads=1).predict(spec, Population(job).parameters, job.x_NF)
    assert np.isnan(output_MNO[:, 77]).all()
    assert np.isfinite(np.delete(output_MNO, 77, axis=1)).all()
