"""Calls of the system that fail in a process of a trial: a library in C is loaded before the system's own."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")
KINDS = ("open", "write", "fsync", "rename", "room")
"""Opening for writing, writing to a file, flushing it, renaming or linking it, and taking room for it."""


@dataclass(frozen=True, kw_only=True)
class Failing:
    """Calls of one kind that fail."""

    kind: str
    number: int
    """Number of the error."""
    first: int
    """The first that fails, from 0."""
    once: bool
    """Only that one fails; else all that follow too."""


@cache
def library() -> Path | None:
    """The compiled library; None where there is no compiler or no Linux."""
    compiler = shutil.which("cc")
    if compiler is None or not Path("/proc/self").exists():
        return None
    folder = Path(tempfile.mkdtemp(prefix="tailproof-failing-"))
    built = folder / "failing_calls.so"
    command = [compiler, "-shared", "-fPIC", "-O1", str(SOURCE), "-o", str(built), "-ldl"]
    done = subprocess.run(command, capture_output=True, check=False)
    return built if done.returncode == 0 else None


@contextmanager
def preloaded() -> Iterator[None]:
    """Processes that begin inside load the library first, where there is one."""
    built = library()
    before = os.environ.get("LD_PRELOAD")
    if built is not None:
        os.environ["LD_PRELOAD"] = str(built)
    try:
        yield
    finally:
        os.environ.pop("LD_PRELOAD", None)
        if before is not None:
            os.environ["LD_PRELOAD"] = before


def arm(failing: Failing | None) -> None:
    """From now on count calls, and let some fail; only in a process that began inside ``preloaded``."""
    calls = _loaded()
    if calls is None:
        return
    if failing is None:
        calls.faults_arm(-1, 0, 0, 0)
    else:
        calls.faults_arm(KINDS.index(failing.kind), failing.number, failing.first, failing.once)


def disarm() -> dict[str, int]:
    """End that; returns how many calls there were, by kind."""
    calls = _loaded()
    if calls is None:
        return {}
    counts = (ctypes.c_int * len(KINDS))()
    calls.faults_disarm(counts)
    return dict(zip(KINDS, counts, strict=True))


def _loaded() -> ctypes.CDLL | None:
    calls = ctypes.CDLL(None)
    return calls if hasattr(calls, "faults_arm") else None
