"""A fit that was stopped anywhere and goes on ends with the bits of one that was never stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tests.support.engine_jobs import small_job

from tailproof.core.fit import EpochRecord, Event, Fit, GuardEvent, IntervalRecord
from tailproof.engines.fit_state import FitState
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.engines.lanes import LanesEngine
from tailproof.engines.torch import TorchEngine

ENGINES: list[Engine] = [
    LanesEngine(threads=2, seconds_per_call=1e-9),
    TorchEngine(device="cpu"),
    TorchEngine(device="cpu", together=True),
]
"""The lanes engine takes one step per call, so that it offers its state often and inside of intervals too."""
NAMES = ["lanes", "torch in turn", "torch together"]
NOT_FOR_COMPARISON = ("seconds",)


class Stopped(Exception):  # noqa: N818
    """What a power cut is, for a fit."""


def eventful_job(members: int) -> TrainingJob:
    """A row that is skipped, members that stop early, dropout."""
    job = small_job(epochs=6, dropout_rate=0.2, members=members)
    x_NF = job.x_NF.copy()
    x_NF[37, 2] = np.nan
    wild = replace(job.members[0], learning_rate=0.5)
    return replace(
        job,
        x_NF=x_NF,
        members=(wild, *job.members[1:]),
        optimisation=replace(job.optimisation, patience=1, max_skipped_share=0.5, average_epochs=2),
    )


def whole(engine: Engine, job: TrainingJob) -> tuple[Fit, list[Event], int]:
    """A fit that was never stopped, its events, and how often its state was offered."""
    events: list[Event] = []
    offers: list[Callable[[], FitState]] = []
    fit = engine.fit(job, on_event=events.append, offer=offers.append)
    return fit, events, len(offers)


def stopped_at(engine: Engine, job: TrainingJob, offer: int) -> tuple[FitState, list[Event]]:
    """The state at an offer, counted from 1, and the events up to it; the fit is stopped there."""
    events: list[Event] = []
    taken: list[FitState] = []
    offered = 0

    def take(make: Callable[[], FitState]) -> None:
        nonlocal offered
        offered += 1
        if offered == offer:
            taken.append(make())
            raise Stopped

    with pytest.raises(Stopped):
        engine.fit(job, on_event=events.append, offer=take)
    return taken[0], events


def assert_same(first: Fit, second: Fit) -> None:
    for name in ("best_parameters", "final_parameters"):
        for key, value in getattr(first, name).items():
            np.testing.assert_array_equal(value, getattr(second, name)[key])
    np.testing.assert_array_equal(first.best_epoch_M, second.best_epoch_M)
    assert_same_events(list(first.history), list(second.history))
    assert first.guard_events == second.guard_events


def assert_same_events(first: list, second: list) -> None:
    assert [type(event) for event in first] == [type(event) for event in second]
    for one, other in zip(first, second, strict=True):
        for name, value in vars(one).items():
            if name not in NOT_FOR_COMPARISON:
                np.testing.assert_array_equal(value, getattr(other, name), err_msg=name)


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("engine", ENGINES, ids=NAMES)
def test_going_on_gives_the_same_bits_and_every_event_once(engine: Engine, members: int) -> None:
    job = eventful_job(members)
    fit, events, offers = whole(engine, job)
    assert {type(event) for event in events} == {EpochRecord, IntervalRecord, GuardEvent}
    assert len(fit.history) < 6 or fit.history[-2].stopped_M.any(), "some member stops early"
    for offer in sorted({1, 2, offers // 3, offers // 2, offers - 1, offers}):
        state, before = stopped_at(engine, job, offer)
        after: list[Event] = []
        again = engine.fit(job, on_event=after.append, state=state)
        assert_same(again, fit)
        assert_same_events([*before, *after], events)


@pytest.mark.parametrize("engine", ENGINES, ids=NAMES)
def test_a_state_is_a_copy_and_can_be_used_twice(engine: Engine) -> None:
    job = eventful_job(2)
    state, _ = stopped_at(engine, job, 5)
    first, second = (engine.fit(job, on_event=lambda event: None, state=state) for _ in range(2))
    assert_same(first, second)


@pytest.mark.parametrize("engine", ENGINES, ids=NAMES)
def test_every_interval_can_be_gone_on_from(engine: Engine) -> None:
    """The lanes engine offers more often still; what matters is that nobody waits for the end of a long epoch."""
    job = eventful_job(1)
    _, events, offers = whole(engine, job)
    assert offers >= sum(isinstance(event, IntervalRecord) for event in events)


@pytest.mark.parametrize("engine", ENGINES, ids=NAMES)
def test_what_decides_the_bits_is_named(engine: Engine) -> None:
    named = engine.numerics_fingerprint(small_job())
    assert named
    assert all(isinstance(value, str) for value in named.values())
