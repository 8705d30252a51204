"""A Ray cluster whose tasks train the shares; the calling process only joins the results."""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from tailproof.core.counted import counted
from tailproof.core.errors import ConfigError, TailproofError, TrainingError, WorkerError
from tailproof.core.extras import extra
from tailproof.core.fit import Event, Fit
from tailproof.core.surface import setting, switch
from tailproof.engines.distributed.engine_spec import EngineSpec, build_engine, spec_of
from tailproof.engines.distributed.pickled import Pickled, call
from tailproof.engines.distributed.ray_head import RayHead, head_address
from tailproof.engines.distributed.shards import JoinedEvents, shares_of
from tailproof.engines.interface import Engine, TrainingJob

SECONDS_BETWEEN_POLLS = 0.2
"""Seconds between two looks at the queued events of the tasks."""
MAX_SECONDS_TO_CONNECT = 10.0


@contextmanager
def ray_cluster(address: str, *, threads: int) -> Iterator[RayCluster]:
    """A Ray cluster, left again at the end of the block.

    Args:
        address: ``local`` for one that is started on this machine and ends with the block; ``auto`` for the one this
            machine belongs to; else host:port or ray://host:port.
        threads: of the lanes engine in each task, and CPUs that a task takes; 0 is 1.

    Raises:
        ConfigError: Ray is not installed, or no cluster is at the address.
    """
    with extra("ray", needed_by=setting("ray")):
        import ray
    join(address)
    head = RayHead(head_address())
    try:
        yield RayCluster(ray.cluster_resources(), threads=threads, head=head)
    finally:
        ray.shutdown()


def join(address: str) -> None:
    """Make this process one of a cluster, as ``ray_cluster`` says."""
    import ray
    from ray.exceptions import RayError

    remedy = f"Start one (ray start --head), or give {setting('ray', 'local')}."
    try:
        if _check_reachable(address):
            remedy = (
                "Something listens there: where the cluster asks for a token, set RAY_AUTH_MODE=token and "
                "RAY_AUTH_TOKEN to the cluster's; its Ray must have the version of this one."
            )
        logging.getLogger("ray").setLevel(logging.ERROR)  # before Ray does it itself, it warns of its tokens
        with _own_handler_kept():
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
        _silence()
    except (OSError, ValueError, RuntimeError, RayError) as error:
        reason = str(error).strip().partition("\n")[0].partition(". ")[0]
        raise ConfigError(
            f"{setting('ray')} must name a running cluster, but none is reached at {address} ({reason}). {remedy}"
        ) from error


@contextmanager
def _own_handler_kept() -> Iterator[None]:
    """Keep what SIGTERM does: Ray lets it end the process at once, before the run is kept."""
    main_thread = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM) if main_thread else None
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def _silence() -> None:
    """Keep what happens to Ray's processes from the standard output, where Ray prints it as coloured paragraphs.

    No setting of Ray does so. What concerns the run comes as an error, with its reason.
    """
    from ray._private import worker

    worker.print_to_stdstream = _print_nothing


def _print_nothing(*_: object, **__: object) -> None:
    return


def _check_reachable(address: str) -> bool:
    """Whether the address is a host:port where somebody listens; OSError where nobody does: Ray would ask for long."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not (colon and port.isdigit()):
        return False
    socket.create_connection((host, int(port)), timeout=MAX_SECONDS_TO_CONNECT).close()
    return True


class RayCluster:
    """A pool of Ray tasks.

    Args:
        resources: the resources of the cluster, by Ray's names.
        threads: as in ``ray_cluster``.
        head: of the cluster.
    """

    threads: int | None = None

    def __init__(self, resources: dict[str, float], *, threads: int, head: RayHead) -> None:
        self._resources = resources
        self._lanes_threads = max(1, threads)
        self._head = head

    def workers(self, engine: Engine, job: TrainingJob) -> int:
        """As many tasks as the cluster has room for at once, but at least one.

        >>> from types import SimpleNamespace
        >>> RayCluster({"CPU": 9.0}, threads=2, head=RayHead(None)).workers(SimpleNamespace(name="lanes"), None)
        4
        """
        return max(1, min(int(self._resources.get(name, 0) // a_task) for name, a_task in self._needs(engine, job)))

    def describe(self, engine: Engine, job: TrainingJob) -> str:
        """One line: how many tasks train, and what each of them takes."""
        count = self.workers(engine, job)
        needs = " and ".join(counted(a_task, name) for name, a_task in self._needs(engine, job))
        return f"Workers: {counted(count, 'Ray task')} of {needs} share the members."

    def train(
        self, engine: Engine, job: TrainingJob, shares: Sequence[TrainingJob], joined: JoinedEvents
    ) -> Sequence[Fit]:
        """Train each share in a task; see ``WorkerPool.train``. A task that is lost is not tried again."""
        import ray
        from ray.util.queue import Queue

        needs = dict(self._needs(engine, job))
        options = {"num_cpus": needs["CPU"], "num_gpus": needs.get("GPU", 0), "max_retries": 0}
        queue = Queue(actor_options={"num_cpus": 0})
        task = ray.remote(_train_share).options(**options)
        job_ref = ray.put(_plain(job))
        spec = spec_of(engine, job)
        share_of = {
            task.remote(job_ref, spec, number, len(shares), needs["CPU"], queue): number
            for number in range(len(shares))
        }
        with self._until_done(share_of, queue=queue):
            return _gathered(share_of, shares, queue, joined, head=self._head)

    @property
    def fit_workers(self) -> int:
        """As many tasks as the cluster has room for at once, but at least one."""
        return max(1, int(self._resources.get("CPU", 0)) // self._lanes_threads)

    def describe_fits(self) -> str:
        """One line: how many tasks make fits at once."""
        return f"Workers: {counted(self.fit_workers, 'Ray task')} at once make the fits of a fold."

    def fits(self, make: Pickled, count: int, *, on_fit: Callable[[], None]) -> list[Pickled]:
        """Each fit in a task of its own; see ``FitPool.fits``. A task that is lost is not tried again."""
        import ray

        task = ray.remote(call).options(num_cpus=self._lanes_threads, max_retries=0)
        make_ref = ray.put(make)
        number_of = {task.remote(make_ref, number): number for number in range(count)}
        results: dict[int, Pickled] = {}
        left = list(number_of)
        with self._until_done(number_of):
            while left:
                self._head.refuse_gone()
                done, left = ray.wait(left, num_returns=1, timeout=SECONDS_BETWEEN_POLLS)
                for reference in done:
                    number = number_of[reference]
                    results[number] = _result_of(reference, f"the Ray task that makes fit {number + 1} of the fold")
                    on_fit()
        return [results[number] for number in range(count)]

    @contextmanager
    def _until_done(self, references: Collection[Any], *, queue: Any = None) -> Iterator[None]:
        """While tasks run: an error of theirs is that of the head where this is gone, and none outlives the block, nor
        does the queue of their events."""
        import ray

        try:
            yield
        except WorkerError as error:
            reason = error if self._head.gone else self._head.explained(error)
            if reason is error:
                raise
            raise reason from error
        finally:
            if not self._head.gone:
                # Ray may abort the process that cancels a task in the moment in which this task ends.
                _, unfinished = ray.wait(list(references), num_returns=len(references), timeout=0)
                for reference in unfinished:
                    ray.cancel(reference, force=True)
                if queue is not None:
                    queue.shutdown(force=True)

    def _needs(self, engine: Engine, job: TrainingJob) -> list[tuple[str, int]]:
        """The resources of a task, by Ray's names; it gets as many torch threads as this process: they share sums."""
        if engine.name == "lanes":
            return [("CPU", self._lanes_threads)]
        fingerprint = engine.numerics_fingerprint(job)
        if fingerprint["device"] == "cpu":
            return [("CPU", int(fingerprint["torch threads"]))]
        return [("CPU", 1), ("GPU", 1)]


def _gathered(
    share_of: dict[Any, int], shares: Sequence[TrainingJob], queue: Any, joined: JoinedEvents, *, head: RayHead
) -> Sequence[Fit]:
    """Wait for all fits; events are handed on while they come."""
    import ray

    fits: dict[int, Fit] = {}
    left = list(share_of)
    while left:
        head.refuse_gone()
        done, left = ray.wait(left, num_returns=len(left), timeout=SECONDS_BETWEEN_POLLS)
        for number, events in _queued(queue):
            for event in events:
                joined.add(number, event)
        for reference in done:
            number = share_of[reference]
            fits[number] = _result_of(reference, _who_trains(shares[number]))
            joined.end(number)
    return [fits[number] for number in range(len(shares))]


def _queued(queue: Any) -> list[tuple[int, list[Event]]]:
    """What the tasks have sent since the last look."""
    from ray.exceptions import RayError

    try:
        queued: list[tuple[int, list[Event]]] = queue.get_nowait_batch(queue.qsize())
    except RayError as error:
        reason = str(error).strip().splitlines()[0]
        raise WorkerError(
            f"the Ray actor that passes on what the tasks report is gone: {reason} The same run with "
            f"{switch('resume')} goes on from the folds that were done."
        ) from error
    return queued


def _who_trains(share: TrainingJob) -> str:
    first, last = share.first_member + 1, share.first_member + len(share.members)
    return f"the Ray task that trains members {first} to {last} of the population"


def _result_of(reference: Any, who: str) -> Any:
    """What a task gave, or its failure in one line that says which task it was."""
    import ray
    from ray.exceptions import RayError, RayTaskError

    try:
        return ray.get(reference)
    except RayTaskError as error:
        cause = error.cause
        if isinstance(cause, TrainingError):
            raise TrainingError(str(cause)) from error
        reason = str(cause) if isinstance(cause, TailproofError) else f"{type(cause).__name__}: {cause}"
        raise WorkerError(f"{who} has failed: {reason}") from error
    except RayError as error:
        reason = str(error).strip().splitlines()[0]
        raise WorkerError(
            f"{who} is gone: {reason} The same run with {switch('resume')} goes on from the folds that were done."
        ) from error


def _plain(job: TrainingJob) -> TrainingJob:
    """The job with arrays that lie in Ray's store once and are read from there; mapped ones would be copied."""
    weight_N = None if job.weight_N is None else np.asarray(job.weight_N)
    return replace(job, x_NF=np.asarray(job.x_NF), y_NT=np.asarray(job.y_NT), weight_N=weight_N)


def _train_share(job: TrainingJob, spec: EngineSpec, number: int, shares: int, threads: int, queue: Any) -> Fit:
    """One task: runs in a worker of Ray. Events go out together, a few times a second: each sending takes a while."""
    import warnings

    # torch only reads the rows, which lie in Ray's store and cannot be written to
    warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
    engine = build_engine(spec, job, threads=threads, device_number=0)
    waiting: list[Event] = []
    due = time.monotonic() + SECONDS_BETWEEN_POLLS

    def emit(event: Event) -> None:
        nonlocal due
        waiting.append(event)
        if time.monotonic() >= due:
            queue.put((number, waiting))
            waiting.clear()
            due = time.monotonic() + SECONDS_BETWEEN_POLLS

    fit = engine.fit(shares_of(job, shares)[number], on_event=emit)
    queue.put((number, waiting))
    return fit
