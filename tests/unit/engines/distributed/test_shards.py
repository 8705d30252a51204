"""Shares of a population, trained apart and put together, are the population trained at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.engine_jobs import small_job

from tailproof.core.errors import TrainingError
from tailproof.core.fit import EpochRecord, Event, Fit, GuardEvent, IntervalRecord
from tailproof.core.randomness import generator
from tailproof.engines.distributed.shards import JoinedEvents, join_fits, shares_of
from tailproof.engines.interface import Engine, Member, TrainingJob
from tailproof.engines.lanes import LanesEngine
from tailproof.engines.torch import TorchEngine
from tailproof.models.initialise import initial_population

ENGINES: dict[str, Engine] = {"lanes": LanesEngine(threads=1), "torch": TorchEngine(device="cpu")}
STEPS_PER_EPOCH = 32
"""``small_job`` has 500 rows, in batches of 16."""


def eventful_job(
    members: int, *, patience: int = 0, bad_rows: tuple[int, ...] = (), warm: bool = False, epochs: int = 4
) -> TrainingJob:
    """Members of different rates, of which the fast ones stop early; two target columns; rows that are skipped."""
    job = small_job(epochs=epochs, dropout_rate=0.2)
    x_NF, y_NT = job.x_NF.copy(), np.concatenate([job.y_NT, 1.0 - job.y_NT], axis=1)
    x_NF[list(bad_rows), 1] = np.nan
    y_NT[list(bad_rows)[:1], 1] = np.nan
    rates = (1e-2, 0.7, 1e-3, 0.3)
    return replace(
        job,
        x_NF=x_NF,
        y_NT=y_NT,
        members=tuple(
            Member(
                seed=seed, learning_rate=rates[seed % 4], weight_decay=0.01, dropout_rate=0.2, target=seed * 3 // 2 % 2
            )
            for seed in range(members)
        ),
        optimisation=replace(job.optimisation, patience=patience, max_skipped_share=1.0),
        start=initial_population(job.spec, [generator(7, seed) for seed in range(members)]) if warm else None,
    )


def fitted(engine: Engine, job: TrainingJob) -> tuple[Fit, list[Event]]:
    events: list[Event] = []
    return engine.fit(job, on_event=events.append), events


def apart(engine: Engine, job: TrainingJob, workers: int, turns: list[int]) -> tuple[Fit, list[Event]]:
    """The job trained in shares, whose events come in the order of ``turns``."""
    shares = shares_of(job, workers)
    reported: list[Event] = []
    joined = JoinedEvents(
        [len(share.members) for share in shares],
        on_event=reported.append,
        steps_per_epoch=STEPS_PER_EPOCH,
    )
    trained = [fitted(engine, share) for share in shares]
    coming = {number: iter(events) for number, (_, events) in enumerate(trained)}
    for turn in turns + [0] * sum(len(events) + 1 for _, events in trained):
        if not coming:
            break
        share = list(coming)[turn % len(coming)]
        event = next(coming[share], None)
        if event is None:
            del coming[share]
            joined.end(share)
        else:
            joined.add(share, event)
    assert not coming
    return join_fits([fit for fit, _ in trained]), reported


def assert_same_events(first: list[Event], second: list[Event]) -> None:
    assert [type(event) for event in first] == [type(event) for event in second]
    for one, other in zip(first, second, strict=True):
        for name, value in vars(one).items():
            if name != "seconds":
                np.testing.assert_array_equal(value, getattr(other, name), err_msg=f"{type(one).__name__}.{name}")
                assert np.asarray(value).dtype == np.asarray(getattr(other, name)).dtype


def assert_same(first: Fit, second: Fit) -> None:
    for name in ("best_parameters", "final_parameters"):
        one, other = getattr(first, name), getattr(second, name)
        assert one.keys() == other.keys()
        for key, value in one.items():
            assert value.tobytes() == other[key].tobytes(), f"{name} {key}"
    np.testing.assert_array_equal(first.best_epoch_M, second.best_epoch_M)
    assert first.best_member == second.best_member
    assert_same_events(list(first.history), list(second.history))
    assert first.guard_events == second.guard_events


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
@given(data=st.data())
@settings(max_examples=8)
def test_split_and_joined_is_the_whole(engine: Engine, data: st.DataObject) -> None:
    job = eventful_job(
        data.draw(st.integers(1, 19 if engine.name == "lanes" else 3), label="members"),
        patience=data.draw(st.sampled_from([0, 1, 2]), label="patience"),
        bad_rows=tuple(data.draw(st.lists(st.integers(0, 499), max_size=3, unique=True), label="bad rows")),
        warm=data.draw(st.booleans(), label="warm"),
        epochs=3,
    )
    workers = data.draw(st.integers(1, 6), label="workers")
    turns = data.draw(st.lists(st.integers(0, 5), max_size=60), label="turns")
    whole, events = fitted(engine, job)
    fit, reported = apart(engine, job, workers, turns)
    assert_same(fit, whole)
    assert_same_events(reported, events)


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_a_share_that_stops_early_does_not_hold_the_others_up(engine: Engine) -> None:
    """The first share, whose learning rate every record shows, never improves and stops after its second epoch.

    A rate of 1e-30 is lost in every float32 weight. The members of the second share learn a constant.
    """
    job = eventful_job(4, patience=1, bad_rows=(37,), epochs=6)
    job.y_NT[:, 1] = np.where(np.isnan(job.y_NT[:, 1]), np.nan, 0.9)
    resting = replace(job.members[0], learning_rate=1e-30)
    learning = replace(resting, learning_rate=1e-3, dropout_rate=0.0, target=1)
    job = replace(job, members=(resting, replace(resting, target=1), learning, replace(learning, seed=1)))
    whole, events = fitted(engine, job)
    assert {type(event) for event in events} == {EpochRecord, IntervalRecord, GuardEvent}
    first, second = (fitted(engine, share)[0] for share in shares_of(job, 2))
    assert (len(first.history), len(second.history)) == (2, 6)
    fit, reported = apart(engine, job, 2, [])
    assert_same(fit, whole)
    assert_same_events(reported, events)


def test_events_are_told_while_shares_still_train() -> None:
    engine = ENGINES["lanes"]
    job = eventful_job(4)
    shares = shares_of(job, 2)
    one, other = (fitted(engine, share)[1] for share in shares)
    reported: list[Event] = []
    joined = JoinedEvents([2, 2], on_event=reported.append, steps_per_epoch=STEPS_PER_EPOCH)
    joined.add(0, one[0])
    assert reported == []
    joined.add(1, other[0])
    assert len(reported) == 1
    assert isinstance(reported[0], IntervalRecord)
    assert reported[0].loss_M.shape == (4,)


@pytest.mark.parametrize(("members", "workers", "sizes"), [(5, 2, [2, 3]), (2, 7, [1, 1]), (8, 4, [2, 2, 2, 2])])
def test_shares_are_even_and_never_empty(members: int, workers: int, sizes: list[int]) -> None:
    job = small_job(members=members)
    shares = shares_of(job, workers)
    assert [len(share.members) for share in shares] == sizes
    assert sum((share.members for share in shares), ()) == job.members
    assert all(share.x_NF is job.x_NF for share in shares)


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_a_refusal_names_the_member_by_its_number_in_the_population(engine: Engine) -> None:
    job = eventful_job(4)
    job.y_NT[:, 1] = np.nan
    members = tuple(replace(member, target=int(number == 3)) for number, member in enumerate(job.members))
    job = replace(job, members=members, optimisation=replace(job.optimisation, max_skipped_share=0.1))
    with pytest.raises(TrainingError, match=r"The last: member 4, step"):
        engine.fit(shares_of(job, 2)[1], on_event=lambda event: None)
