"""Rank 0 and another rank, the other in a thread of this process."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import NoReturn

import numpy as np
import pytest
from tests.support.engine_jobs import small_job
from tests.support.rank_in_a_thread import serve, two_ranks

from tailproof.core.errors import ConfigError, TrainingError, WorkerError
from tailproof.engines.distributed import SpreadEngine
from tailproof.engines.distributed.messages import Request, receive
from tailproof.engines.distributed.pickled import Pickled, pickled, unpickled
from tailproof.engines.distributed.torchrun import Ranks
from tailproof.engines.interface import TrainingJob
from tailproof.engines.lanes import LanesEngine

ENGINE = LanesEngine(threads=1)


@pytest.fixture(autouse=True)
def signals_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")


def no_room(*positional: object, **named: object) -> NoReturn:
    raise MemoryError("no room")


def serve_without_room(connection: Connection) -> None:
    serve(connection, build=no_room)


@contextmanager
def spread(work: Callable[[Connection], None] = serve) -> Iterator[SpreadEngine]:
    with two_ranks(work) as ranks:
        yield SpreadEngine(ENGINE, ranks)


def job_of_five() -> TrainingJob:
    return small_job(members=5, dropout_rate=0.2)


def test_two_ranks_train_what_one_engine_does() -> None:
    job, events, alone = job_of_five(), [], []
    with spread() as engine:
        fits = [engine.fit(job, on_event=events.append) for _ in range(2)]
        assert engine.predict(job.spec, fits[0].best_parameters, job.x_NF[:3]).shape == (5, 3, 1)
    whole = ENGINE.fit(job, on_event=alone.append)
    for fit in fits:
        for name, value in whole.final_parameters.items():
            assert value.tobytes() == fit.final_parameters[name].tobytes()
    assert [type(event) for event in events] == 2 * [type(event) for event in alone]


def test_a_single_member_stays_here() -> None:
    with spread() as engine:
        fit = engine.fit(small_job(), on_event=lambda event: None)
    assert len(fit.best_epoch_M) == 1


def test_what_one_process_had_begun_is_ended_by_one() -> None:
    """A state is that of a whole population: the fold goes on here alone, and comes to the same."""
    job, states = job_of_five(), []
    whole = ENGINE.fit(job, on_event=lambda event: None, offer=lambda make: states.append(make()))
    with spread() as engine:
        fit = engine.fit(job, on_event=lambda event: None, state=states[0])
    assert all(np.array_equal(value, fit.final_parameters[name]) for name, value in whole.final_parameters.items())


def test_a_share_that_its_guards_stop_is_named_by_the_members_number() -> None:
    job = job_of_five()
    job = replace(
        job,
        y_NT=np.concatenate([job.y_NT, np.full_like(job.y_NT, np.nan)], axis=1),
        members=(*job.members[:4], replace(job.members[4], target=1)),
    )
    with spread() as engine, pytest.raises(TrainingError, match="The last: member 5, step "):
        engine.fit(job, on_event=lambda event: None)


def test_what_goes_wrong_in_a_worker_is_named() -> None:
    named = "the process of rank 1, which trains members 3 to 5 of the population, has failed: MemoryError: no room"
    with spread(serve_without_room) as engine, pytest.raises(WorkerError, match=named):
        engine.fit(job_of_five(), on_event=lambda event: None)


@pytest.mark.parametrize("after", ["before the job", "the job"])
def test_a_worker_that_is_gone_is_not_waited_for(after: str) -> None:
    def leave(connection: Connection) -> None:
        if after == "the job":
            receive(connection, Request)
        connection.close()

    with spread(leave) as engine, pytest.raises(WorkerError, match=r"rank 1, which trains members 3 to 5.* is gone"):
        engine.fit(job_of_five(), on_event=lambda event: None)


def squares(number: int) -> Pickled:
    if number == 4:
        raise ConfigError("mine.py:make: fit fails (ValueError: singular).")
    return pickled(number**2)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_two_ranks_make_fits_in_their_order(count: int) -> None:
    calls: list[None] = []
    with two_ranks() as ranks:
        assert ranks.describe_fits() == "Workers: 2 processes of torchrun share the fits of a fold."
        results = ranks.fits(pickled(squares), count, on_fit=lambda: calls.append(None))
    assert [unpickled(each) for each in results] == [number**2 for number in range(count)]
    assert len(calls) == count


def test_a_fit_that_fails_elsewhere_is_named() -> None:
    named = "the process of rank 1, which makes fits 3 to 5 of the fold, has failed: mine.py:make: fit fails"
    with two_ranks() as ranks, pytest.raises(WorkerError, match=named):
        ranks.fits(pickled(squares), 5, on_fit=lambda: None)


def test_a_rank_that_dies_between_two_fits_is_named() -> None:
    def leave(connection: Connection) -> None:
        receive(connection, Request)
        connection.close()

    with two_ranks(leave) as ranks, pytest.raises(WorkerError, match=r"rank 1, which makes fits 2 to 3 .* is gone"):
        ranks.fits(pickled(squares), 3, on_fit=lambda: None)


def test_threads_are_shared_out_where_none_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Ranks([], threads=0, cores=7).threads == 3
    assert Ranks([], threads=5, cores=7).threads == 5
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "9")
    assert Ranks([], threads=0, cores=7).threads == 1
