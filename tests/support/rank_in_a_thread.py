"""Rank 1 of torchrun in a thread of this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from tailproof.engines.distributed import torchrun
from tailproof.engines.distributed.engine_spec import build_engine
from tailproof.engines.distributed.messages import Answer, ConnectionClosed, Request, Stop, receive, send
from tailproof.engines.distributed.torchrun import BuildEngine, Ranks


def serve(
    connection: Connection, build: BuildEngine = build_engine, before: Callable[[], object] = lambda: None
) -> None:
    """What a rank does all its life; ``before`` is called before each request is served."""
    while not isinstance(request := receive(connection, Request).content, Stop):
        before()
        send(connection, Answer(content=torchrun._served(connection, request, build=build)))


@contextmanager
def two_ranks(work: Callable[[Connection], None] = serve) -> Iterator[Ranks]:
    """Rank 0's pool; ``work`` is what rank 1 does with its connection."""
    here, there = Pipe()
    worker = threading.Thread(target=work, args=(there,))
    worker.start()
    try:
        yield Ranks([here], threads=1)
    finally:
        with suppress(ConnectionClosed):
            send(here, Request(content=Stop()))
        worker.join(timeout=30)
        assert not worker.is_alive()
