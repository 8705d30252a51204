"""Rank 0 and another rank, the other in a thread of this process."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import NoReturn

import numpy as np
import pytest
from tests.support.engine_jobs import small_job

from tailproof.core.errors import TrainingError, WorkerError
from tailproof.engines.distributed import SpreadEngine, torchrun
from tailproof.engines.distributed.engine_spec import build_engine
from tailproof.engines.distributed.messages import Answer, Request, Stop, TrainShare, receive, send
from tailproof.engines.distributed.torchrun import BuildEngine, Ranks
from tailproof.engines.interface import TrainingJob
from tailproof.engines.lanes import LanesEngine

ENGINE = LanesEngine(threads=1)


@pytest.fixture(autouse=True)
def signals_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")


def serve(connection: Connection, build: BuildEngine = build_engine) -> None:
    while isinstance(request := receive(connection, Request).content, TrainShare):
        send(connection, Answer(content=torchrun._train_share(connection, request, build=build)))


def no_room(*positional: object, **named: object) -> NoReturn:
    raise MemoryError("no room")


def serve_without_room(connection: Connection) -> None:
    serve(connection, build=no_room)


@contextmanager
def spread(work: Callable[[Connection], None] = serve) -> Iterator[SpreadEngine]:
    here, there = Pipe()
    worker = threading.Thread(target=work, args=(there,))
    worker.start()
    yield SpreadEngine(ENGINE, Ranks([here], threads=1))
    if work in (serve, serve_without_room):
        send(here, Request(content=Stop()))
    worker.join(timeout=30)
    assert not worker.is_alive()


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


def test_threads_are_shared_out_where_none_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Ranks([], threads=0, cores=7).threads == 3
    assert Ranks([], threads=5, cores=7).threads == 5
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "9")
    assert Ranks([], threads=0, cores=7).threads == 1
