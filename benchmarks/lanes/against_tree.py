"""The engine of this tree against that of another one, stretch by stretch in turn, on one thread.

    python -m benchmarks.lanes.against_tree OTHER/src [--rounds 15] [--members 1 4 64]

OTHER/src must hold the package ``tailproof`` with its native modules built. Each engine lives in a process of its own
and waits while the other one trains, so that a busy machine disturbs both alike; processor seconds count.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from statistics import median

from benchmarks.lanes.options import print_json

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import sys, time
sys.meta_path = [finder for finder in sys.meta_path if "Redirecting" not in type(finder).__name__]
sys.path[:0] = [sys.argv[1], sys.argv[2]]
import tailproof
assert tailproof.__file__.startswith(sys.argv[1]), tailproof.__file__
from benchmarks.lanes.endless import Endless
from benchmarks.paper_job import simulated_rows, training_job
from tailproof.engines.lanes import Population
data = simulated_rows(200_000)
cases = {}
for line in sys.stdin:
    members, steps = map(int, line.split())
    if members not in cases:
        cases[members] = Endless(Population(training_job(members, data=data), threads=1))
    started = time.process_time()
    cases[members](steps)
    print((time.process_time() - started) / steps / members * 1e6, flush=True)
"""
MODEL_STEPS = 50_000
"""Steps of one stretch: some 50 ms."""


class Tree:
    """A process that trains with the engine of one tree."""

    def __init__(self, source: Path) -> None:
        command = [sys.executable, "-c", CHILD, str(source), str(ROOT)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def us_per_model_step(self, members: int) -> float:
        """Train one stretch."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{members} {MODEL_STEPS // members}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


def main() -> None:
    """Print the least and the median microseconds per model-step of both, and the ratio of the least."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--members", type=int, nargs="+", default=[1, 4, 64])
    options = parser.parse_args()
    trees = {"other": Tree(options.other.resolve()), "this": Tree(ROOT / "src")}
    for members in options.members:
        taken: dict[str, list[float]] = {name: [] for name in trees}
        for turn in range(options.rounds + 1):
            for name in list(trees)[:: 1 if turn % 2 else -1]:
                us = trees[name].us_per_model_step(members)
                if turn:  # the first stretch also builds the population
                    taken[name].append(us)
        figures = {name: {"us": min(us), "us_median": median(us)} for name, us in taken.items()}
        print_json({"members": members, **figures, "ratio": min(taken["this"]) / min(taken["other"])})


if __name__ == "__main__":
    main()
