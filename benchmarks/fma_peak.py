"""Compiles and runs ``fma_peak.cpp``."""

from __future__ import annotations

import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".cpp")


def build(folder: Path) -> Path:
    """The compiled program, in ``folder``."""
    program = folder / "fma_peak"
    subprocess.run(["g++", "-O3", "-march=native", "-Wno-psabi", str(SOURCE), "-o", str(program)], check=True)
    return program


def measure(program: Path) -> dict[int, float]:
    """GFLOP/s of one core by the number of float32 in a vector."""
    text = subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout
    return {int(lanes): float(rate) for lanes, rate in (line.split() for line in text.splitlines())}
