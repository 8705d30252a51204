"""What Ray is asked for and what its failures become, with a stand-in for Ray, which need not be installed."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from tests.support.engine_jobs import small_job

from tailproof.core.errors import ConfigError, WorkerError
from tailproof.engines.distributed import ray_cluster


class RayError(Exception):
    """Base of Ray's errors."""


class RayTaskError(RayError):
    """A task has raised an error."""


DIED = "The actor died unexpectedly before finishing this task.\n\tclass_name: _QueueActor\n\tpid: 17"


class StandIn(ModuleType):
    """Ray as far as it is called: ``init`` and ``get`` raise an error, or keep how they were called."""

    def __init__(self) -> None:
        super().__init__("ray")
        self.error: Exception | None = None
        self.options: dict[str, Any] = {}
        self.level_before: int | None = None

    def init(self, **options: Any) -> None:
        self.options, self.level_before = options, logging.getLogger("ray").level
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(number))
        self.get(None)

    def get(self, reference: object) -> None:
        del reference
        if self.error is not None:
            raise self.error


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    stand_in, private, worker, exceptions = StandIn(), *map(ModuleType, ("ray._private", "worker", "ray.exceptions"))
    worker.print_to_stdstream = print  # type: ignore[attr-defined]
    private.worker = worker  # type: ignore[attr-defined]
    exceptions.RayError, exceptions.RayTaskError = RayError, RayTaskError  # type: ignore[attr-defined]
    for module in (stand_in, private, exceptions):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    level = logging.getLogger("ray").level
    yield stand_in
    logging.getLogger("ray").setLevel(level)


def test_ray_prints_nothing_of_its_own(ray: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    ray_cluster.join("auto")
    assert ray.options == {"address": "auto", "log_to_driver": False, "logging_level": logging.ERROR}
    assert ray.level_before == logging.ERROR
    sys.modules["ray._private"].worker.print_to_stdstream({"lines": ["\x1b[33m(raylet) a paragraph"]})
    assert capsys.readouterr() == ("", "")


def test_what_a_termination_does_is_kept(ray: StandIn) -> None:
    """Ray lets SIGTERM end the process at once, before a run is kept."""
    before = signal.getsignal(signal.SIGTERM)
    ray_cluster.join("auto")
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_head_is_gone_when_it_has_not_answered_for_seconds() -> None:
    now, answers = [0.0], [True]
    looked: list[str] = []

    def knock(address: str) -> bool:
        looked.append(address)
        return answers[0]

    head = ray_cluster.Head("10.0.0.1:6379", clock=lambda: now[0], answers=knock)
    for second in range(10):
        for part in range(5):
            now[0] = second + part / 5
            head.refuse_gone()
    assert len(looked) == 9, "once a second"
    answers[0] = False
    for now[0] in (10.0, 12.0, 13.9):
        head.refuse_gone()
    assert not head.gone
    now[0] = 14.9
    with pytest.raises(
        WorkerError, match=r"^the head of the Ray cluster at 10\.0\.0\.1:6379 is gone: nobody answers there"
    ):
        head.refuse_gone()
    assert head.gone


def test_an_actor_that_is_gone_with_the_head_is_not_blamed() -> None:
    error = WorkerError("the actor is gone")
    assert ray_cluster.Head("a:1", answers=lambda address: True).explained(error) is error
    head = ray_cluster.Head("a:1", answers=lambda address: False)
    assert str(head.explained(error)).startswith("the head of the Ray cluster at a:1 is gone")
    assert head.gone


def test_a_head_that_comes_back_is_not_gone() -> None:
    now, answers = [0.0], [False]
    head = ray_cluster.Head("10.0.0.1:6379", clock=lambda: now[0], answers=lambda address: answers[0])
    for now[0], answers[0] in ((4.0, False), (4.9, True), (6.0, True), (7.0, False), (10.9, False)):
        head.refuse_gone()
    ray_cluster.Head(None, clock=lambda: 1e9).refuse_gone()
    assert not head.gone


def test_a_cluster_that_is_not_reached_is_refused_in_one_line(ray: StandIn) -> None:
    ray.error = RayError("Could not find any running Ray instance. Please specify\nmore")
    with pytest.raises(
        ConfigError, match=r"none is reached at auto \(Could not find any running Ray instance\)"
    ) as caught:
        ray_cluster.join("auto")
    assert "\n" not in str(caught.value)


class DeadQueue:
    """A queue whose actor was killed."""

    def qsize(self) -> int:
        raise RayError(DIED)

    def get_nowait_batch(self, count: int) -> list[object]:
        raise AssertionError(count)


@pytest.mark.usefixtures("ray")
def test_a_killed_actor_is_one_line_with_what_to_do() -> None:
    with pytest.raises(WorkerError) as caught:
        ray_cluster._queued(DeadQueue())
    assert str(caught.value) == (
        "the Ray actor that passes on what the tasks report is gone: The actor died unexpectedly before finishing this "
        "task. The same run with resume=True goes on from the folds that were done."
    )


def test_a_killed_task_is_named_by_its_members(ray: StandIn) -> None:
    ray.error = RayError("The worker died unexpectedly while executing this task.\nmore")
    with pytest.raises(WorkerError) as caught:
        ray_cluster._fit_of(None, small_job(members=3))
    assert str(caught.value) == (
        "the Ray task that trains members 1 to 3 of the population is gone: The worker died unexpectedly while "
        "executing this task. The same run with resume=True goes on from the folds that were done."
    )
