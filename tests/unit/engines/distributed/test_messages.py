"""What goes over a connection is what comes out of it."""

from __future__ import annotations

from dataclasses import replace
from multiprocessing import Pipe

import numpy as np
import pytest
from tests.support.lanes_jobs import make_job, make_members

from tailproof.core.fit import EpochRecord, Event, GuardEvent, IntervalRecord
from tailproof.engines.distributed.engine_spec import EngineSpec
from tailproof.engines.distributed.messages import (
    Answer,
    ConnectionClosed,
    Request,
    ShareEvent,
    Stop,
    TrainShare,
    receive,
    send,
)
from tailproof.engines.lanes import LanesEngine
from tailproof.models.spec import robust_financial_net
from tailproof.objectives.objective import Objective


def over_a_wire(message: Request | Answer) -> object:
    here, there = Pipe()
    send(here, message, piece_bytes=100)
    return receive(there, type(message), piece_bytes=100).content


def test_a_job() -> None:
    spec = robust_financial_net(inputs=5, hidden_dims=(6, 4), dropout_rate=0.1, residual_blocks=2, outputs=2)
    objective = Objective(loss="pinball", quantiles=(0.1, 0.9))
    job = make_job(spec=spec, objective=objective, members=make_members(3), weighted=True, validation_rows=9)
    job = replace(
        job,
        window=50,
        first_member=4,
        members=tuple(replace(member, seed=2**64 - 1 - member.seed) for member in job.members),
        start={name: np.ones((3, *shape), np.float32) for name, shape in spec.parameter_shapes.items()},
    )
    spec = EngineSpec(name="lanes", device="cpu", precision="fp32", numerics={"numpy": "1"})
    request = TrainShare(job=job, engine=spec, threads=2, shares=3, share=1)
    received = over_a_wire(Request(content=request))
    assert isinstance(received, TrainShare)
    assert (received.engine, received.threads, received.shares, received.share) == (spec, 2, 3, 1)
    again = received.job
    for name, value in vars(job).items():
        if name == "start":
            assert again.start is not None
            assert all(np.array_equal(value[key], array) for key, array in again.start.items())
            assert value.keys() == again.start.keys()
        elif isinstance(value, np.ndarray):
            np.testing.assert_array_equal(value, getattr(again, name))
            assert value.dtype == getattr(again, name).dtype
        else:
            assert value == getattr(again, name), name


def test_events() -> None:
    job = make_job(members=make_members(2), max_skipped_share=1.0)
    job.x_NF[50] = np.nan
    events: list[Event] = []
    LanesEngine(threads=1).fit(job, on_event=events.append)
    assert {type(event) for event in events} == {IntervalRecord, EpochRecord, GuardEvent}
    for event in events:
        received = over_a_wire(Answer(content=ShareEvent(event=event)))
        assert isinstance(received, ShareEvent)
        again = received.event
        assert type(again) is type(event)
        for name, value in vars(event).items():
            np.testing.assert_array_equal(value, getattr(again, name))
            assert type(value) is type(getattr(again, name))


def test_the_end_of_the_other_is_an_error_of_its_own() -> None:
    here, there = Pipe()
    there.close()
    with pytest.raises(ConnectionClosed):
        receive(here, Answer)
    with pytest.raises(ConnectionClosed):
        send(here, Request(content=Stop()))
