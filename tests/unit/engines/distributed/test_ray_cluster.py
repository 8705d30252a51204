"""What Ray is asked for and what its failures become, with a stand-in for Ray, which need not be installed."""

from __future__ import annotations

import logging
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
