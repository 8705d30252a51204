"""Seconds and memory of looking for interactions, by rows, inputs and targets.

    python -m benchmarks.interactions_cost

Each case is a process of its own. Memory is what the process holds at its peak beyond the inputs and targets.
"""

from __future__ import annotations

import multiprocessing
import resource
import time

import numpy as np

CASES = (
    (10_000, 11, 20),
    (1_000_000, 11, 1),
    (1_000_000, 11, 20),
    (1_000_000, 20, 20),
    (100_000, 180, 1),
    (100_000, 180, 20),
    (20_000, 200, 20),
)
"""Rows, inputs, targets."""


def measure(rows: int, inputs: int, targets: int) -> tuple[float, float]:
    """Processor seconds, and peak memory in MB, of pure noise."""
    from tailproof.models.fit_interactions import fit_interactions

    rng = np.random.default_rng(0)
    x_NF = rng.standard_normal((rows, inputs), dtype=np.float32).clip(-5.0, 5.0)
    y_NT = rng.random((rows, targets), dtype=np.float32)
    held, began = _peak_mb(), time.process_time()
    fit_interactions(x_NF, y_NT)
    return time.process_time() - began, _peak_mb() - held


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print one line for each case."""
    context = multiprocessing.get_context("spawn")
    print("     rows  inputs  targets  processor s  peak MB", flush=True)
    for case in CASES:
        with context.Pool(1) as pool:
            seconds, peak = pool.apply(measure, case)
        print("{:9,}  {:6}  {:7}  {:11.2f}  {:7.0f}".format(*case, seconds, peak), flush=True)


if __name__ == "__main__":
    main()
