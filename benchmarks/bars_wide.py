"""Seconds to read CSV files of the same cells in ever more columns: reading is linear where the last column is flat.

    python -m benchmarks.bars_wide [--rows 200] [--columns 1000 3000 10000]

Each file holds minutes with open, high, low, close and so many columns of numbers. Prints one line of JSON: for each
width the least processor and wall-clock seconds of the rounds, and the processor seconds per thousand columns.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from tailproof.bars import load_bars

ROUNDS = 3


def write(path: Path, *, rows: int, columns: int) -> None:
    """A file of ``rows`` minutes with ``columns`` columns beside the prices."""
    value_NC = np.random.default_rng(0).normal(size=(rows, columns))
    names = ",".join(f"x{at}" for at in range(columns))
    first = datetime(2024, 1, 2, 14, 30, tzinfo=UTC)
    with path.open("w") as file:
        file.write(f"time,open,high,low,close,{names}\n")
        for at, value_C in enumerate(value_NC):
            cells = ",".join(f"{value:.6f}" for value in value_C)
            file.write(f"{first + timedelta(minutes=at):%Y-%m-%d %H:%M:%S},10,11,9,10.5,{cells}\n")


def measure(path: Path, *, rows: int, columns: int, rounds: int) -> dict[str, float]:
    """The least seconds of the rounds."""
    taken = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        bars = load_bars(path, store="never")
        taken.append((time.process_time() - cpu, time.perf_counter() - wall))
        assert len(bars) == rows
        assert f"x{columns - 1}" in bars.frame.columns
    cpu, wall = (min(column) for column in zip(*taken, strict=True))
    return {"columns": columns, "cpu": cpu, "wall": wall, "cpu_per_thousand": cpu / columns * 1000}


def main() -> None:
    """Print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--columns", type=int, nargs="+", default=[1000, 3000, 10_000])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    cases = []
    with tempfile.TemporaryDirectory() as folder:
        for columns in options.columns:
            path = Path(folder) / f"wide_{columns}.csv"
            write(path, rows=options.rows, columns=columns)
            cases.append(measure(path, rows=options.rows, columns=columns, rounds=options.rounds))
    print(json.dumps({"rows": options.rows, "wide": cases}))


if __name__ == "__main__":
    main()
