"""LightGBM for reference: another thing altogether, boosted trees; time of one tree over all rows is one pass.

Its time does not compare with a step of a network; it says what a pass over the same rows costs in the tool many use.
"""

from __future__ import annotations

import time

import lightgbm
import numpy as np

from benchmarks.paper_job import DELTA, FLOOR, simulated_rows
from benchmarks.peers.peer import NEAR_THE_FLOOR, print_json, seconds_asked
from tailproof.objectives.losses import huber

PARAMETERS = {"objective": "huber", "alpha": DELTA, "num_leaves": 31, "num_threads": 1, "verbosity": -1, "seed": 0}


def main() -> None:
    """Boost until the time is over; the first tree, which bins the rows, is not counted.

    Raises:
        SystemExit: the loss is not near the floor.
    """
    seconds = seconds_asked()
    x_NF, y_N = simulated_rows()
    booster = lightgbm.Booster(PARAMETERS, lightgbm.Dataset(x_NF, label=y_N))
    booster.update()
    passes: list[float] = []
    while sum(passes) < seconds:
        started = time.perf_counter()
        booster.update()
        passes.append(time.perf_counter() - started)
    loss = float(huber(np.asarray(booster.predict(x_NF[:50_000])) - y_N[:50_000], delta=DELTA).mean())
    if not loss <= NEAR_THE_FLOOR * FLOOR:
        raise SystemExit(f"the loss must be near {FLOOR:.6f}, got {loss:.6f}")
    print_json({"seconds_a_pass": min(passes), "passes": len(passes), "loss_after": loss, "floor": FLOOR})


if __name__ == "__main__":
    main()
