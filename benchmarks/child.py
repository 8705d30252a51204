"""Runs a command as a process of its own and says how long it took and how much memory it held at most.

A process's peak memory as the system counts it starts at its parent's, so that this module and what imports it stay
small: nothing but the standard library.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
    "TORCHINDUCTOR_COMPILE_THREADS": "1",
}


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A process that has ended."""

    code: int
    output: str
    error: str
    wall_seconds: float
    cpu_seconds: float
    peak_mib: float


def run(command: Sequence[str], *, one_core: bool, environment: Mapping[str, str] | None = None) -> Finished:
    """Run ``command``; with ``one_core`` on the last core alone, so that one thread means one."""
    variables = {**os.environ, **(ONE_THREAD if one_core else {}), **(environment or {})}
    cores = os.sched_getaffinity(0)
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as error:
        os.sched_setaffinity(0, {max(cores)} if one_core else cores)
        started = time.perf_counter()
        try:
            process = subprocess.Popen(command, stdout=output, stderr=error, env=variables)
        finally:
            os.sched_setaffinity(0, cores)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        error.seek(0)
        return Finished(
            code=process.returncode,
            output=output.read(),
            error=error.read(),
            wall_seconds=wall,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            peak_mib=usage.ru_maxrss / 1024,
        )
