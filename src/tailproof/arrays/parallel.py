"""NumPy's long loops on several threads: they let go of the interpreter's lock while they run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_THREADS = 8
"""Each thread holds temporary arrays of its own: more threads would take more memory than they save time."""


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_in_threads(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """``[function(item) for item in items]``, on as many threads as there are cores, at most eight.

    The function must not change what another call reads. Its first error, in the order of the items, is raised.

    >>> map_in_threads(abs, [-2, 3])
    [2, 3]
    """
    every = list(items)
    threads = min(usable_cores(), MAX_THREADS, len(every))
    if threads <= 1:
        return [function(item) for item in every]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, every))


def map_one_ahead(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """``map(function, items)``, which computes the next result on another thread while the caller uses the last one.

    Two results are in memory at a time. An error is raised when its item's turn has come. Of one core nothing is
    computed ahead.

    >>> list(map_one_ahead(abs, [-2, 3]))
    [2, 3]
    """
    if usable_cores() == 1:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(1) as pool:
        upcoming: Future[Result] | None = None
        for item in items:
            last, upcoming = upcoming, pool.submit(function, item)
            if last is not None:
                yield last.result()
        if upcoming is not None:
            yield upcoming.result()
