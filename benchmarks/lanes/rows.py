"""Cost against the number of rows, 1e4 to 1e7, in memory and memory-mapped at the top: 64 members, one thread.

The orders of the largest case are a plain shuffle, which touches the whole file, and ``windowed_order``, which is what
a file larger than memory needs. The file fits into this machine's memory, so that no disk is timed.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.lanes.options import options, print_json, time_populations
from benchmarks.paper_job import FEATURES, simulated_rows, training_job
from tailproof.engines.batch_order import windowed_order
from tailproof.engines.lanes import Population

MEMBERS = 64
WINDOW = 1 << 17
BLOCK = 1_000_000


def main() -> None:
    """The cost of the cases differs by what a cache miss a row costs, shared by all members."""
    chosen = options()
    counts = (10_000,) if chosen.quick else (10_000, 100_000, 1_000_000)
    mapped = 100_000 if chosen.quick else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        populations = {f"{rows:,}": in_memory(rows) for rows in counts}
        data = mapped_rows(Path(folder), mapped)
        populations[f"{mapped:,}, mapped"] = Population(training_job(MEMBERS, data=data), threads=1)
        populations[f"{mapped:,}, mapped, windowed"] = windowed(data)
        print_json({"cases": time_populations(populations, seconds=chosen.seconds)})


def in_memory(rows: int) -> Population:
    """A population on so many rows."""
    return Population(training_job(MEMBERS, data=simulated_rows(rows)), threads=1)


def windowed(data: tuple[np.ndarray, np.ndarray]) -> Population:
    """A population that visits rows window by window."""
    job = training_job(MEMBERS, data=data)
    order = partial(windowed_order, job.train, seed=0, window=WINDOW)
    return Population(job, threads=1, order=lambda epoch: order(epoch=epoch))


def mapped_rows(folder: Path, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Features and targets as files, opened read-only."""
    shapes = {"x": (rows, FEATURES), "y": (rows,)}
    files = {name: np.memmap(folder / name, np.float32, "w+", shape=shape) for name, shape in shapes.items()}
    for start in range(0, rows, BLOCK):
        stop = min(start + BLOCK, rows)
        files["x"][start:stop], files["y"][start:stop] = simulated_rows(stop - start, seed=start)
    for file in files.values():
        file.flush()
    x_NF, y_N = (np.memmap(folder / name, np.float32, "r", shape=shape) for name, shape in shapes.items())
    return x_NF, y_N


if __name__ == "__main__":
    main()
