"""How many threads torch may use inside one operation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

SMALL_STEP = 1 << 22
"""Multiplications per step (parameters x batch rows) below which waking a second thread costs more than it saves."""


@contextmanager
def threads_for(*, parameters: int, batch_size: int) -> Iterator[None]:
    """One thread for small steps, torch's own choice for others; the number is put back afterwards.

    With more, tiny operations wait for threads: on two busy cores steps of a 353-parameter net took 60 ms instead of 1.
    """
    before = torch.get_num_threads()
    if parameters * batch_size < SMALL_STEP:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def share_sums(threads: int) -> None:
    """Let torch use so many threads in this process: large sums are cut by them, and their bits depend on the cuts."""
    torch.set_num_threads(threads)
