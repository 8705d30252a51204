"""How much memory this process may still take."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

MEMINFO = Path("/proc/meminfo")
CONTROL_GROUPS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"), Path("/sys/fs/cgroup/memory/memory.usage_in_bytes")),
)
"""Limit and use of a container's memory, in the second and the first version of control groups."""


def process_limit() -> int | None:
    """Bytes of address space that this process may have; None where there is no limit."""
    if sys.platform == "win32":
        return None
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else int(soft)


def available_memory(
    *,
    meminfo: Path = MEMINFO,
    groups: Sequence[tuple[Path, Path]] = CONTROL_GROUPS,
    own_limit: Callable[[], int | None] = process_limit,
) -> int | None:
    """Bytes: the least of what the machine, the container and the process's own limit leave; None if none is stated.

    Where the system does not say what is free (it does on Linux), all memory of the machine counts.

    Args:
        meminfo: the file in which Linux states the memory of the machine.
        groups: files with the limit and the use of the container, see ``CONTROL_GROUPS``.
        own_limit: of this process.
    """
    limits = [_of_machine(meminfo), *(_of_group(limit, used) for limit, used in groups), own_limit()]
    return min((each for each in limits if each is not None), default=None)


def _of_machine(meminfo: Path) -> int | None:
    with suppress(OSError):
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    with suppress(AttributeError, ValueError, OSError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _of_group(limit: Path, used: Path) -> int | None:
    with suppress(OSError, ValueError):  # "max" where there is no limit
        return max(0, int(limit.read_text()) - int(used.read_text()))
    return None
