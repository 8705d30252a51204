"""Members that share their rows against members with rows of their own, timed in turn: 64 members, one thread."""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks.lanes.options import options, print_json, time_populations
from benchmarks.paper_job import ROWS, simulated_rows, training_job
from tailproof.engines.lanes import Population

MEMBERS = 64


def main() -> None:
    """Shifted: the shared order, moved around the training range by another offset for each member. Own order: a
    shuffled order for each member."""
    chosen = options()
    members = 4 if chosen.quick else MEMBERS
    job = training_job(members, data=simulated_rows())
    populations = {
        "shared rows": Population(job, threads=1),
        "own rows (shifted)": Population(job, threads=1, row_offset_M=[m * (ROWS // members) for m in range(members)]),
        "own order": Population(job, threads=1, order=partial(own_orders, members)),
    }
    print_json({"cases": time_populations(populations, seconds=chosen.seconds)})


def own_orders(members: int, epoch: int) -> np.ndarray:
    """One order for each member: int32 (members, rows)."""
    rng = np.random.default_rng(epoch)
    return np.stack([rng.permutation(ROWS).astype(np.int32) for _ in range(members)])


if __name__ == "__main__":
    main()
