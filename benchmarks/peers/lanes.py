"""The lanes engine on the same job: ``--members`` networks on one thread."""

from __future__ import annotations

import argparse
from functools import partial

import numpy as np

from benchmarks.lanes.endless import Endless
from benchmarks.paper_job import first_weights, simulated_rows, training_job
from benchmarks.peers.peer import run_peer
from tailproof.engines.lanes import Population


class Lanes:
    """A population; clips gradients, skips steps that are not finite and records norms, which no peer does."""

    unit = 1

    def __init__(self, x_NF: np.ndarray, y_N: np.ndarray, *, members: int) -> None:
        self.members = members
        job = training_job(members, data=(x_NF, y_N))
        self.population = Population(job, threads=1, parameters=first_weights(members))
        self.train = Endless(self.population)

    def parameters(self) -> dict[str, np.ndarray]:
        """See ``Peer``."""
        return self.population.parameters


def main() -> None:
    """Read ``--members`` and run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--members", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    run_peer(partial(Lanes, members=options.members), simulated_rows(), seconds=options.seconds)


if __name__ == "__main__":
    main()
