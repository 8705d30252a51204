"""A Ray cluster whose tasks train the shares; the calling process only joins the results."""

from __future__ import annotations

import atexit
import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from tailproof.core.counted import counted
from tailproof.core.errors import ConfigError, TrainingError, WorkerError
from tailproof.core.extras import extra
from tailproof.core.fit import Event, Fit
from tailproof.core.surface import setting, switch
from tailproof.engines.distributed.engine_spec import EngineSpec, build_engine, spec_of
from tailproof.engines.distributed.shards import JoinedEvents, shares_of
from tailproof.engines.interface import Engine, TrainingJob

SECONDS_BETWEEN_POLLS = 0.2
"""Seconds between two looks at the queued events of the tasks."""
MAX_SECONDS_TO_CONNECT = 10.0
SECONDS_BETWEEN_KNOCKS = 1.0
"""Seconds between two looks at whether the head of the cluster is there."""
SECONDS_WITHOUT_HEAD = 5.0
"""A head that has not answered for so long is gone. Ray itself ends the process after a minute, with a stack trace."""


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
    head = Head(_head_address())
    try:
        yield RayCluster(ray.cluster_resources(), threads=threads, head=head)
    finally:
        if head.gone:
            atexit.unregister(ray.shutdown)  # both would wait for the head, until Ray ends the process
        else:
            ray.shutdown()


class Head:
    """The head of a cluster, whose control store the other processes of Ray cannot do without.

    Args:
        address: host:port of the control store; None where it is not known, and then never missed.
        clock: seconds.
        answers: whether somebody listens at an address.
    """

    def __init__(
        self,
        address: str | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        answers: Callable[[str], bool] | None = None,
    ) -> None:
        self._address = address
        self._clock = clock
        self._answers = answers or _answers
        self._seen = self._looked = clock()
        self.gone = False

    def refuse_gone(self) -> None:
        """Look, once a second, whether the head is there.

        Raises:
            WorkerError: it has not been for five seconds.
        """
        now = self._clock()
        if self._address is None or now - self._looked < SECONDS_BETWEEN_KNOCKS:
            return
        self._looked = now
        if self._answers(self._address):
            self._seen = now
        elif now - self._seen >= SECONDS_WITHOUT_HEAD:
            raise self._lost()

    def explained(self, error: WorkerError) -> WorkerError:
        """The error of an actor or a task; where the head is gone, that is its reason."""
        return error if self._address is None or self._answers(self._address) else self._lost()

    def _lost(self) -> WorkerError:
        self.gone = True
        return WorkerError(
            f"the head of the Ray cluster at {self._address} is gone: nobody answers there. Start the cluster again; "
            f"the same command with {switch('resume')} goes on from the folds that were done."
        )


def _head_address() -> str | None:
    """Where the control store of the cluster listens; None behind ray://, where another process reaches it."""
    import ray

    try:
        return str(ray.get_runtime_context().gcs_address)
    except (AttributeError, RuntimeError):
        return None


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=SECONDS_BETWEEN_KNOCKS).close()
    except OSError:
        return False
    return True


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

    def __init__(self, resources: dict[str, float], *, threads: int, head: Head) -> None:
        self._resources = resources
        self._lanes_threads = max(1, threads)
        self._head = head

    def workers(self, engine: Engine, job: TrainingJob) -> int:
        """As many tasks as the cluster has room for at once, but at least one.

        >>> from types import SimpleNamespace
        >>> RayCluster({"CPU": 9.0}, threads=2, head=Head(None)).workers(SimpleNamespace(name="lanes"), None)
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
        try:
            return _gathered(share_of, shares, queue, joined, head=self._head)
        except WorkerError as error:
            reason = error if self._head.gone else self._head.explained(error)
            if reason is error:
                raise
            raise reason from error
        finally:
            if not self._head.gone:
                for reference in share_of:
                    ray.cancel(reference, force=True)  # a task that is done has nothing left to end
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
    share_of: dict[Any, int], shares: Sequence[TrainingJob], queue: Any, joined: JoinedEvents, *, head: Head
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
            fits[number] = _fit_of(reference, shares[number])
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


def _fit_of(reference: Any, share: TrainingJob) -> Fit:
    import ray
    from ray.exceptions import RayError, RayTaskError

    first, last = share.first_member + 1, share.first_member + len(share.members)
    who = f"the Ray task that trains members {first} to {last} of the population"
    try:
        fit: Fit = ray.get(reference)
    except RayTaskError as error:
        cause = error.cause
        if isinstance(cause, TrainingError):
            raise TrainingError(str(cause)) from error
        reason = str(cause) if isinstance(cause, WorkerError) else f"{type(cause).__name__}: {cause}"
        raise WorkerError(f"{who} has failed: {reason}") from error
    except RayError as error:
        reason = str(error).strip().splitlines()[0]
        raise WorkerError(
            f"{who} is gone: {reason} The same run with {switch('resume')} goes on from the folds that were done."
        ) from error
    return fit


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
