"""The 1,024-member challenge: 1,024 models, 3 epochs, 914,247 rows, batch 16, two threads.

With ``--full`` the whole job runs through ``LanesEngine.fit`` and its wall clock is the result. Without it a part of
the first epoch of the same job runs, and the result is the rate of that part: nothing is extrapolated.
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks.lanes.options import options, print_json
from benchmarks.paper_job import BATCH, FLOOR, ROWS, training_job
from tailproof.arrays.ranges import ceil_div
from tailproof.engines.interface import TrainingJob
from tailproof.engines.lanes import LanesEngine, Population

MEMBERS, EPOCHS, THREADS = 1024, 3, 2
STEPS_IN_ALL = EPOCHS * ceil_div(ROWS, BATCH)


def main() -> None:
    """Run in full or in part."""
    chosen = options()
    job = training_job(16 if chosen.quick else MEMBERS, epochs=EPOCHS)
    result = in_full(job) if chosen.full else in_part(job, seconds=chosen.seconds)
    print_json({"members": len(job.members), "threads": THREADS, "steps_of_the_challenge": STEPS_IN_ALL, **result})


def in_full(job: TrainingJob) -> dict[str, float | bool]:
    """The job as a user runs it, from its arrays to trained parameters."""
    started = time.perf_counter()
    fit = LanesEngine(threads=THREADS).fit(job, on_event=lambda _: None)
    seconds = time.perf_counter() - started
    loss = float(np.max(fit.history[-1].train_loss_M))
    if not loss <= 1.02 * FLOOR:
        raise SystemExit(f"every member's loss must be near {FLOOR:.6f}, however the worst is {loss:.6f}")
    return {"full": True, "wall_seconds": seconds, "steps": STEPS_IN_ALL, "worst_train_loss": loss}


def in_part(job: TrainingJob, *, seconds: float) -> dict[str, float | bool]:
    """Steps for about ``seconds``, all members."""
    population = Population(job, threads=THREADS)
    population.train_steps(50)
    steps, started = 0, time.perf_counter()
    while (lasted := time.perf_counter() - started) < seconds and population.steps_left:
        steps += int(population.train_steps(200).applied_SM[:, 0].sum())
    return {"full": False, "wall_seconds": lasted, "steps": steps}


if __name__ == "__main__":
    main()
