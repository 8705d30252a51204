"""Cost against the batch, 16 to 4,096 rows: 64 members, one thread."""

from __future__ import annotations

from benchmarks.lanes.options import options, print_json, time_populations
from benchmarks.paper_job import simulated_rows, training_job
from tailproof.engines.lanes import Population

MEMBERS = 64


def main() -> None:
    """Microseconds a row fall a little with the batch, as AdamW is paid once a step."""
    chosen = options()
    data = simulated_rows()
    batches = (16, 64) if chosen.quick else (16, 64, 256, 1024, 4096)
    populations = {
        f"{batch:,}": Population(training_job(MEMBERS, batch=batch, data=data), threads=1) for batch in batches
    }
    print_json({"cases": time_populations(populations, seconds=chosen.seconds)})


if __name__ == "__main__":
    main()
