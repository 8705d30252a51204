"""Where a run took place: machine, versions, and the variables that steer accelerators."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from typing import Any

ACCELERATOR_VARIABLES = (
    "HIP_VISIBLE_DEVICES",
    "PYTORCH_ROCM_ARCH",
    "PYTORCH_HIP_ALLOC_CONF",
    "CUDA_VISIBLE_DEVICES",
    "PYTORCH_CUDA_ALLOC_CONF",
)
PACKAGES = ("tailproof", "numpy", "polars", "scipy", "torch")


def describe_environment() -> dict[str, Any]:
    """Machine, Python, package versions, command line, and accelerator variables where they are set (read, never
    set)."""
    return {
        "machine": platform.machine(),
        "system": platform.platform(),
        "cpu_count": os.cpu_count(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "command": sys.argv,
        "variables": {name: os.environ[name] for name in ACCELERATOR_VARIABLES if name in os.environ},
    }
