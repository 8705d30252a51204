"""The engine against a scratch kernel in C++, timed in turn: 64 members, shared rows, one thread.

    python -m benchmarks.lanes.against_program FILE.cpp [--flags -DW=8 ...] [--rounds 3]

The program is compiled with -O3 -march=native -ffast-math, which the engine does not allow itself, and must print
"per model-step MICROSECONDS"; the smallest of what it prints counts.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from pathlib import Path

from benchmarks.lanes.options import print_json, time_populations
from benchmarks.paper_job import simulated_rows, training_job
from tailproof.engines.lanes import Population

MEMBERS = 64


def main() -> None:
    """Print the best of all rounds of both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--flags", nargs=argparse.REMAINDER, default=[], help="more flags of the compiler; give last")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    populations = {"lanes": Population(training_job(MEMBERS, data=simulated_rows()), threads=1)}
    lanes, scratch = [], []
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program"
        flags = ["-O3", "-march=native", "-ffast-math", "-w", *options.flags]
        subprocess.run(["g++", *flags, str(options.source), "-o", str(program)], check=True)
        for _ in range(options.rounds):
            text = subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout
            scratch += [float(seconds_each) for seconds_each in re.findall(r"per model-step ([\d.]+)", text)]
            lanes.append(time_populations(populations, seconds=1.0)["lanes"]["us"])
    print_json({"lanes_us": min(lanes), "program_us": min(scratch), "ratio": min(scratch) / min(lanes)})


if __name__ == "__main__":
    main()
