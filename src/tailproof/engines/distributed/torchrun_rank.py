"""Which of torchrun's processes this one is, from the environment variables that torchrun sets."""

from __future__ import annotations

import os

STARTED = "TORCHELASTIC_RUN_ID"
"""Set by torchrun, and by no other program."""


def torchrun_number(name: str) -> int:
    """A number that torchrun tells its processes, such as WORLD_SIZE or LOCAL_RANK; 0 where it did not."""
    return int(os.environ.get(name, "0"))


def started_by_torchrun() -> bool:
    """Whether torchrun has started this process as one of several."""
    return STARTED in os.environ and torchrun_number("WORLD_SIZE") > 1


def rank() -> int:
    """The number of this process among torchrun's; 0 where there are no others."""
    return torchrun_number("RANK") if started_by_torchrun() else 0
