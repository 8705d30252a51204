"""Processes that torchrun has started: rank 0 runs the command and trains a share, the others train what it sends.

Only rank 0 reads bars, judges, speaks and writes. torchrun's store is used once, to find one another; jobs, events and
fits go over connections of the standard library, whose end is noticed at once where a process dies.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, wait
from typing import Any

from tailproof.core.errors import TailproofError, TrainingError, WorkerError
from tailproof.core.fit import Event, Fit
from tailproof.engines.distributed.engine_spec import build_engine, spec_of
from tailproof.engines.distributed.messages import (
    Answer,
    ConnectionClosed,
    Hello,
    Request,
    ShareEvent,
    ShareFailed,
    ShareRefused,
    ShareTrained,
    Stop,
    TrainShare,
    receive,
    send,
)
from tailproof.engines.distributed.shards import JoinedEvents, shares_of
from tailproof.engines.distributed.torchrun_rank import rank, torchrun_number
from tailproof.engines.fit_state import FitState
from tailproof.engines.interface import Engine, TrainingJob

STORE_KEY = "tailproof"
SECONDS_UNTIL_KEEPALIVE = 60
SECONDS_BETWEEN_KEEPALIVES = 10
"""Seconds between keep-alive probes; the system gives up after some ten of them (nine on Linux)."""
BuildEngine = Callable[..., Engine]
"""Makes the engine that a request names, see ``build_engine``."""


@contextmanager
def ranks(*, threads: int) -> Iterator[Ranks]:
    """The processes of torchrun, for rank 0; at the end of the block the others end too.

    Args:
        threads: of the lanes engine in each process; 0 shares out the cores of each machine.
    """
    before = signal.signal(signal.SIGTERM, _stopped_by_torchrun)
    try:
        connections = _accepted()
        yield Ranks(connections, threads=threads)
        for connection in connections:
            send(connection, Request(content=Stop()))
    except BaseException:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # torchrun would cut off this process's last messages
        raise
    signal.signal(signal.SIGTERM, before)


class Ranks:
    """A pool of torchrun's processes, of which this one is the first."""

    def __init__(self, connections: Sequence[Connection], *, threads: int, cores: int | None = None) -> None:
        """``connections`` lead to the ranks from 1 on; ``cores`` is how many this machine has, None asks it."""
        self._connections = connections
        self._given_threads = threads
        self.threads: int | None = _threads(threads, cores)

    def workers(self, engine: Engine, job: TrainingJob) -> int:
        """Every rank trains."""
        del engine, job
        return 1 + len(self._connections)

    def describe(self, engine: Engine, job: TrainingJob) -> str:
        """One line: how many processes train."""
        return f"Workers: {self.workers(engine, job)} processes of torchrun share the members."

    def train(
        self, engine: Engine, job: TrainingJob, shares: Sequence[TrainingJob], joined: JoinedEvents
    ) -> Sequence[Fit]:
        """Train the first share here and the others by the other ranks; see ``WorkerPool.train``."""
        request = TrainShare(
            job=job, engine=spec_of(engine, job), threads=self._given_threads, shares=len(shares), share=0
        )
        try:
            return _Training(self._connections[: len(shares) - 1], shares, joined).run(engine, request)
        except WorkerError:
            signal.signal(
                signal.SIGTERM, signal.SIG_IGN
            )  # torchrun ends all processes now; this one still has a message
            raise


class _Training:
    """One call of ``Ranks.train``."""

    def __init__(self, connections: Sequence[Connection], shares: Sequence[TrainingJob], joined: JoinedEvents) -> None:
        self._share_of = {connection: number for number, connection in enumerate(connections, start=1)}
        self._shares, self._joined = shares, joined
        self._fits: dict[int, Fit] = {}

    def run(self, engine: Engine, request: TrainShare) -> list[Fit]:
        for connection, number in self._share_of.items():
            with self._named_if_closed(number):
                send(connection, Request(content=replace(request, share=number)))
        self._fits[0] = engine.fit(self._shares[0], on_event=self._on_own_event, offer=self._between_steps)
        self._joined.end(0)
        while len(self._fits) < len(self._shares):
            self._receive(None)
        return [self._fits[number] for number in range(len(self._shares))]

    def _on_own_event(self, event: Event) -> None:
        self._joined.add(0, event)
        self._receive(0.0)

    def _between_steps(self, make: Callable[[], FitState]) -> None:
        """Nothing is kept inside a fold; but it is a good moment to receive what the others sent."""
        del make
        self._receive(0.0)

    def _receive(self, seconds: float | None) -> None:
        """Take in what has come; wait for something where ``seconds`` is None."""
        training = [connection for connection, number in self._share_of.items() if number not in self._fits]
        for connection in wait(training, seconds):
            assert isinstance(connection, Connection)
            number = self._share_of[connection]
            with self._named_if_closed(number):
                answer = receive(connection, Answer)
            self._take(number, answer)

    def _take(self, number: int, answer: Answer) -> None:
        match answer.content:
            case ShareEvent(event=event):
                self._joined.add(number, event)
            case ShareTrained(fit=fit):
                self._fits[number] = fit
                self._joined.end(number)
            case ShareRefused(text=text):
                raise TrainingError(text)
            case ShareFailed(text=text):
                raise WorkerError(f"{self._who(number)}, has failed: {text}")
            case Hello():
                raise AssertionError("a worker introduces itself once")

    @contextmanager
    def _named_if_closed(self, number: int) -> Iterator[None]:
        try:
            yield
        except ConnectionClosed as error:
            raise WorkerError(
                f"{self._who(number)}, is gone: what it said stands above, or it was killed (start fewer processes a "
                "machine if memory was short), or its machine has stopped. The same command with --resume goes on from "
                "the folds that were done."
            ) from error

    def _who(self, number: int) -> str:
        share = self._shares[number]
        first, last = share.first_member + 1, share.first_member + len(share.members)
        return f"the process of rank {number}, which trains members {first} to {last} of the population"


def serve() -> None:
    """Train what rank 0 sends until it ends: the whole life of every other rank.

    Ctrl-C reaches every process; here it is left to rank 0. If rank 0 is gone, that is reported, but is no failure of
    this rank: torchrun is to name rank 0 as the one that failed.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        connection = _joined_to_rank_0()
        while isinstance(request := receive(connection, Request).content, TrainShare):
            send(connection, Answer(content=_train_share(connection, request)))
    except ConnectionClosed:
        print(f"tailproof: rank {rank()} ends: the process of rank 0 is gone.", file=sys.stderr)


def _train_share(
    connection: Connection, request: TrainShare, *, build: BuildEngine = build_engine
) -> ShareTrained | ShareRefused | ShareFailed:
    try:
        engine = build(
            request.engine,
            request.job,
            threads=_threads(request.threads),
            device_number=torchrun_number("LOCAL_RANK"),
        )
        share = shares_of(request.job, request.shares)[request.share]
        fit = engine.fit(share, on_event=lambda event: send(connection, Answer(content=ShareEvent(event=event))))
    except TrainingError as error:
        return ShareRefused(text=str(error))
    except TailproofError as error:
        return ShareFailed(text=str(error))
    except ConnectionClosed:
        raise
    except Exception as error:
        return ShareFailed(text=f"{type(error).__name__}: {error}")
    return ShareTrained(fit=fit)


def _accepted() -> list[Connection]:
    """Connections to the ranks from 1 on, in their order."""
    processes, key = torchrun_number("WORLD_SIZE"), secrets.token_bytes(32)
    one_machine = processes == torchrun_number("LOCAL_WORLD_SIZE")
    with Listener(("127.0.0.1" if one_machine else "", 0), backlog=processes, authkey=key) as listener:
        host = "127.0.0.1" if one_machine else os.environ["MASTER_ADDR"]
        _store().set(STORE_KEY, json.dumps({"host": host, "port": listener.address[1], "key": key.hex()}))
        by_rank: dict[int, Connection] = {}
        while len(by_rank) < processes - 1:
            try:
                connection = listener.accept()
                hello = receive(connection, Answer).content
            except (AuthenticationError, EOFError, OSError, ConnectionClosed):
                continue  # someone connected without the key
            assert isinstance(hello, Hello), "a worker introduces itself first"
            by_rank[hello.rank] = connection
            _notice_dead_machines(connection)
    return [by_rank[number] for number in sorted(by_rank)]


def _joined_to_rank_0() -> Connection:
    address = json.loads(_store().get(STORE_KEY))
    connection = Client((address["host"], address["port"]), authkey=bytes.fromhex(address["key"]))
    _notice_dead_machines(connection)
    send(connection, Answer(content=Hello(rank=rank())))
    return connection


def _store() -> Any:
    from torch.distributed.rendezvous import rendezvous

    store, _, _ = next(rendezvous("env://"))
    return store


def _notice_dead_machines(connection: Connection) -> None:
    """A machine without power closes no connection: the system asks now and then whether it is still there."""
    with socket.socket(fileno=os.dup(connection.fileno())) as shared:
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_KEEPIDLE"):
            shared.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, SECONDS_UNTIL_KEEPALIVE)
            shared.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, SECONDS_BETWEEN_KEEPALIVES)


def _threads(count: int, cores: int | None = None) -> int:
    """Threads of one of this machine's ranks."""
    if count:
        return count
    from tailproof.engines.lanes import LanesEngine

    return max(1, LanesEngine(threads=cores).threads // torchrun_number("LOCAL_WORLD_SIZE"))


def _stopped_by_torchrun(number: int, frame: object) -> None:
    del frame
    signal.signal(number, signal.SIG_IGN)
    raise WorkerError(
        "torchrun has stopped the run: another of its processes had ended (what it said stands above), or torchrun "
        "itself was told to stop. The same command with --resume goes on from the folds that were done."
    )
