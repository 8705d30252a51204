"""Who trains: this process alone, or the processes of torchrun."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tailproof.workers.spread import Crew
from tailproof.workers.torchrun import ranks, started_by_torchrun


@contextmanager
def open_crew(*, threads: int) -> Iterator[Crew | None]:
    """The processes that share the members; None where this one is alone.

    Args:
        threads: of the lanes engine in each process; 0 leaves it to the crew.
    """
    if started_by_torchrun():
        with ranks(threads=threads) as started:
            yield started
    else:
        yield None
