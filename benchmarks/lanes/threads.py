"""Two threads against one, timed in turn on both cores: 64 and 1,024 members."""

from __future__ import annotations

from benchmarks.lanes.options import options, print_json, time_populations
from benchmarks.paper_job import simulated_rows, training_job
from tailproof.core.counted import counted
from tailproof.engines.lanes import Population


def main() -> None:
    """Microseconds per model-step are of the wall clock, so that two threads should halve them."""
    chosen = options()
    data = simulated_rows()
    populations = {
        f"{members:,} members, {counted(threads, 'thread')}": Population(
            training_job(members, data=data), threads=threads
        )
        for members in ((64,) if chosen.quick else (64, 1024))
        for threads in (1, 2)
    }
    print_json({"cases": time_populations(populations, seconds=chosen.seconds)})


if __name__ == "__main__":
    main()
