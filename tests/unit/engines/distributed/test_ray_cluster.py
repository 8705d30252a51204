"""What Ray is asked for and what its failures become, with a stand-in for Ray, which need not be installed."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Iterator

import pytest
from tests.support.engine_jobs import small_job
from tests.support.ray_stand_in import RayError, StandIn, ray_stand_in

from tailproof.core.errors import ConfigError, WorkerError
from tailproof.engines.distributed import ray_cluster
from tailproof.engines.distributed.pickled import Pickled, pickled, unpickled
from tailproof.engines.distributed.ray_cluster import RayCluster
from tailproof.engines.distributed.ray_head import RayHead

DIED = "The actor died unexpectedly before finishing this task.\n\tclass_name: _QueueActor\n\tpid: 17"


@pytest.fixture
def ray() -> Iterator[StandIn]:
    with ray_stand_in() as stand_in:
        yield stand_in


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
        ray_cluster._result_of(None, ray_cluster._who_trains(small_job(members=3)))
    assert str(caught.value) == (
        "the Ray task that trains members 1 to 3 of the population is gone: The worker died unexpectedly while "
        "executing this task. The same run with resume=True goes on from the folds that were done."
    )


def squares(number: int) -> Pickled:
    if number == 4:
        raise ConfigError("mine.py:make: fit fails (ValueError: singular).")
    return pickled(number**2)


def test_each_fit_is_a_task_of_its_own(ray: StandIn) -> None:
    calls: list[None] = []
    cluster = RayCluster({"CPU": 5.0}, threads=2, head=RayHead(None))
    assert cluster.describe_fits() == "Workers: 2 Ray tasks at once make the fits of a fold."
    results = cluster.fits(pickled(squares), 4, on_fit=lambda: calls.append(None))
    assert [unpickled(each) for each in results] == [0, 1, 4, 9]
    assert len(calls) == 4
    assert ray.tasks == [{"num_cpus": 2, "max_retries": 0}]
    assert len(ray.done) == 4
    assert ray.cancelled == []


def test_a_fit_that_fails_is_named_and_ends_the_others(ray: StandIn) -> None:
    cluster = RayCluster({"CPU": 2.0}, threads=0, head=RayHead(None))
    with pytest.raises(WorkerError, match=r"the Ray task that makes fit 5 of the fold has failed: mine\.py:make: fit"):
        cluster.fits(pickled(squares), 5, on_fit=lambda: None)
    assert len(ray.done) == 1
    assert len(ray.cancelled) == 4


def test_a_killed_fit_is_named(ray: StandIn) -> None:
    ray.error = RayError("The worker died unexpectedly while executing this task.\nmore")
    with pytest.raises(WorkerError, match=r"the Ray task that makes fit 2 of the fold is gone: The worker died .*\.$"):
        RayCluster({"CPU": 2.0}, threads=0, head=RayHead(None)).fits(pickled(squares), 2, on_fit=lambda: None)
