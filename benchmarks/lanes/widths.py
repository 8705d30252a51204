"""Cost against the width of two equal hidden layers: 8 to 512, 16 members, batch 16, one thread."""

from __future__ import annotations

from benchmarks.lanes.options import options, print_json, time_populations
from benchmarks.paper_job import simulated_rows, training_job
from tailproof.engines.lanes import Population

MEMBERS = 16


def main() -> None:
    """Wider than the cache, a member's weights have to be fetched anew for each step."""
    chosen = options()
    data = simulated_rows()
    widths = (8, 16) if chosen.quick else (8, 16, 32, 64, 128, 256, 512)
    populations = {
        f"{width} x {width}": Population(training_job(MEMBERS, hidden=(width, width), data=data), threads=1)
        for width in widths
    }
    print_json({"cases": time_populations(populations, seconds=chosen.seconds)})


if __name__ == "__main__":
    main()
