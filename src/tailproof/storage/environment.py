"""Where a run took place: machine, versions, and the variables that steer accelerators."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ACCELERATOR_VARIABLES = (
    "HIP_VISIBLE_DEVICES",
    "PYTORCH_ROCM_ARCH",
    "PYTORCH_HIP_ALLOC_CONF",
    "CUDA_VISIBLE_DEVICES",
    "PYTORCH_CUDA_ALLOC_CONF",
)
PACKAGES = ("tailproof", "lightgbm", "numpy", "polars", "scipy", "torch")


def describe_environment() -> dict[str, Any]:
    """Machine, Python, package versions, command line, and accelerator variables where they are set (read, never
    set)."""
    return {
        "machine": platform.machine(),
        "system": platform.platform(),
        "processor": _processor(),
        "cpu_count": os.cpu_count(),
        "python": platform.python_version(),
        "packages": {name: version for name in PACKAGES if (version := package_version(name)) is not None},
        "command": sys.argv,
        "variables": {name: os.environ[name] for name in ACCELERATOR_VARIABLES if name in os.environ},
    }


def package_version(name: str) -> str | None:
    """The version of a package that is installed, else None.

    >>> package_version("no-such-package") is None
    True
    """
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """The processor's name where the system tells it, else what Python knows of it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines() if cpuinfo.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
