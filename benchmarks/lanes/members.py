"""Cost against the number of members, one thread: 1 to 1,024."""

from __future__ import annotations

from benchmarks.lanes.options import options, print_json, time_populations
from benchmarks.paper_job import simulated_rows, training_job
from tailproof.engines.lanes import Population


def main() -> None:
    """All share rows and order."""
    chosen = options()
    data = simulated_rows()
    counts = (1, 8) if chosen.quick else (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
    populations = {f"{count:,}": Population(training_job(count, data=data), threads=1) for count in counts}
    print_json({"cases": time_populations(populations, seconds=chosen.seconds)})


if __name__ == "__main__":
    main()
