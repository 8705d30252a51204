"""What a figure was measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("tailproof", "numpy", "torch", "jax", "jaxlib", "scikit-learn", "lightgbm", "pandas", "polars", "pyarrow")


def describe() -> dict[str, Any]:
    """Processor, cores, memory, system, compiler, versions and the state of the sources."""
    return {
        "cpu": cpu_name(),
        "cores": len(os.sched_getaffinity(0)),
        "caches": _first_lines("lscpu", contains="cache"),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "compiler": (_output("g++", "--version") or ["none"])[0],
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "commit": " ".join(_output("git", "describe", "--always", "--dirty", "--exclude", "*")),
    }


def cpu_name() -> str:
    """As the processor names itself."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def load() -> float:
    """Processes that wanted to run, on average over the last minute."""
    return os.getloadavg()[0]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _first_lines(command: str, *, contains: str) -> list[str]:
    return [" ".join(line.split()) for line in _output(command) if contains in line]


def _output(*command: str) -> list[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return []
