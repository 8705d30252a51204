"""Processes that torchrun has started: rank 0 runs the command and trains a share, the others train what it sends:
members of a population, or fits of an outside model.

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
from collections.abc import Callable, Iterable, Iterator, Sequence
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
    Content,
    FitMade,
    FitShare,
    Hello,
    Request,
    ShareEvent,
    ShareFailed,
    ShareFitted,
    ShareRefused,
    ShareTrained,
    Stop,
    TrainShare,
    receive,
    send,
)
from tailproof.engines.distributed.pickled import Pickled, call
from tailproof.engines.distributed.shards import JoinedEvents, even_ranges, shares_of
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
        whole = TrainShare(
            job=job, engine=spec_of(engine, job), threads=self._given_threads, shares=len(shares), share=0
        )
        fits: dict[int, Fit] = {}

        def take(sender: int, answer: Content) -> bool:
            match answer:
                case ShareEvent(event=event):
                    joined.add(sender, event)
                case ShareTrained(fit=fit):
                    fits[sender] = fit
                    joined.end(sender)
            return sender in fits

        with _last_words():
            others = _Asked(self._connections[: len(shares) - 1], [_who_trains(share) for share in shares], take)
            others.ask(replace(whole, share=number) for number in range(1, len(shares)))

            def on_own_event(event: Event) -> None:
                joined.add(0, event)
                others.receive()

            def between_steps(make: Callable[[], FitState]) -> None:
                del make  # nothing is kept inside a fold; but it is a good moment to receive what the others sent
                others.receive()

            fits[0] = engine.fit(shares[0], on_event=on_own_event, offer=between_steps)
            joined.end(0)
            others.receive_all()
        return [fits[number] for number in range(len(shares))]

    @property
    def fit_workers(self) -> int:
        """Every rank makes fits."""
        return 1 + len(self._connections)

    def describe_fits(self) -> str:
        """One line: how many processes make fits."""
        return f"Workers: {self.fit_workers} processes of torchrun share the fits of a fold."

    def fits(self, make: Pickled, count: int, *, on_fit: Callable[[], None]) -> list[Pickled]:
        """Make the first fits here and the others by the other ranks; see ``FitPool.fits``."""
        shares = even_ranges(count, self.fit_workers)
        results: dict[int, Pickled] = {}

        def take(sender: int, answer: Content) -> bool:
            del sender
            if isinstance(answer, FitMade):
                results[answer.number] = answer.fitted
                on_fit()
            return isinstance(answer, ShareFitted)

        with _last_words():
            others = _Asked(self._connections[: len(shares) - 1], [_who_fits(share) for share in shares], take)
            others.ask(FitShare(make=make, numbers=share) for share in shares[1:])
            for number in shares[0]:
                results[number] = call(make, number)
                on_fit()
                others.receive()
            others.receive_all()
        return [results[number] for number in range(count)]


def _who_trains(share: TrainingJob) -> str:
    first, last = share.first_member + 1, share.first_member + len(share.members)
    return f"which trains members {first} to {last} of the population"


def _who_fits(numbers: range) -> str:
    return f"which makes fits {numbers.start + 1} to {numbers.stop} of the fold"


class _Asked:
    """The ranks that were asked for a share, until each has answered in full.

    Args:
        connections: to the ranks from 1 on.
        work: of each rank, from 0, for messages.
        take: receives a rank's number and one answer; returns whether it was the rank's last.
    """

    def __init__(
        self, connections: Sequence[Connection], work: Sequence[str], take: Callable[[int, Content], bool]
    ) -> None:
        self._rank_of = {connection: number for number, connection in enumerate(connections, start=1)}
        self._work, self._take = work, take
        self._open = list(connections)

    def ask(self, requests: Iterable[TrainShare | FitShare]) -> None:
        """Send each rank its request."""
        for connection, request in zip(list(self._open), requests, strict=True):
            with self._named_if_closed(connection):
                send(connection, Request(content=request))

    def receive(self, seconds: float | None = 0.0) -> None:
        """Take in what has come; wait for something where ``seconds`` is None."""
        for connection in wait(self._open, seconds):
            assert isinstance(connection, Connection)
            with self._named_if_closed(connection):
                answer = receive(connection, Answer).content
            if isinstance(answer, ShareRefused):
                raise TrainingError(answer.text)
            if isinstance(answer, ShareFailed):
                raise WorkerError(f"{self._who(connection)}, has failed: {answer.text}")
            if self._take(self._rank_of[connection], answer):
                self._open.remove(connection)

    def receive_all(self) -> None:
        """Wait until every rank has answered in full."""
        while self._open:
            self.receive(None)

    @contextmanager
    def _named_if_closed(self, connection: Connection) -> Iterator[None]:
        try:
            yield
        except ConnectionClosed as error:
            raise WorkerError(
                f"{self._who(connection)}, is gone: what it said stands above, or it was killed (start fewer processes "
                "a machine if memory was short), or its machine has stopped. The same command with --resume goes on "
                "from the folds that were done."
            ) from error

    def _who(self, connection: Connection) -> str:
        number = self._rank_of[connection]
        return f"the process of rank {number}, {self._work[number]}"


@contextmanager
def _last_words() -> Iterator[None]:
    """Where a process has failed torchrun ends all of them at once; this one still has a message to print."""
    try:
        yield
    except WorkerError:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise


def serve() -> None:
    """Train what rank 0 sends until it ends: the whole life of every other rank.

    Ctrl-C reaches every process; here it is left to rank 0. If rank 0 is gone, that is reported, but is no failure of
    this rank: torchrun is to name rank 0 as the one that failed.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        connection = _joined_to_rank_0()
        while not isinstance(request := receive(connection, Request).content, Stop):
            send(connection, Answer(content=_served(connection, request)))
    except ConnectionClosed:
        print(f"tailproof: rank {rank()} ends: the process of rank 0 is gone.", file=sys.stderr)


def _served(
    connection: Connection, request: TrainShare | FitShare, *, build: BuildEngine = build_engine
) -> ShareTrained | ShareFitted | ShareRefused | ShareFailed:
    """Do what rank 0 asks for; the last answer is returned, those before it are sent."""

    def answer(content: ShareEvent | FitMade) -> None:
        send(connection, Answer(content=content))

    try:
        if isinstance(request, TrainShare):
            return ShareTrained(fit=_trained_share(request, answer, build))
        for number in request.numbers:
            answer(FitMade(number=number, fitted=call(request.make, number)))
    except TrainingError as error:
        return ShareRefused(text=str(error))
    except TailproofError as error:
        return ShareFailed(text=str(error))
    except ConnectionClosed:
        raise
    except Exception as error:
        return ShareFailed(text=f"{type(error).__name__}: {error}")
    return ShareFitted()


def _trained_share(request: TrainShare, answer: Callable[[ShareEvent], None], build: BuildEngine) -> Fit:
    engine = build(
        request.engine,
        request.job,
        threads=_threads(request.threads),
        device_number=torchrun_number("LOCAL_RANK"),
    )
    share = shares_of(request.job, request.shares)[request.share]
    return engine.fit(share, on_event=lambda event: answer(ShareEvent(event=event)))


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
