"""Steps of members that torch trains together, eager and compiled in turn: python -m benchmarks.compiled_steps

Prints a line for each number of members: what compiling anew took, microseconds of the processor for a step of one
member on one thread of the CPU, and after how many model-steps compiling has paid for itself.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from statistics import median

import torch

from benchmarks import paper_job
from tailproof.core.fit import Event
from tailproof.engines.interface import TrainingJob
from tailproof.engines.torch import TorchEngine

TURNS = 3
STEPS = 4_000
"""Model-steps that a measured stretch takes, at least 20 of each member."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, nargs="+", default=[8, 64, 1024])
    parser.add_argument("--precision", choices=["fp32", "bf16", "fp16"], default="fp32")
    arguments = parser.parse_args()
    os.environ["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"
    torch.set_num_threads(1)
    eager = TorchEngine(device="cpu", precision=arguments.precision, together=True)
    data = paper_job.simulated_rows(16 * STEPS)
    for members in arguments.members:
        print(_line(paper_job.training_job(members, data=data, epochs=1), eager), flush=True)


def _line(job: TrainingJob, eager: TorchEngine) -> str:
    members, compiled = len(job.members), eager.compiled()
    started, before = time.perf_counter(), sum(os.times()[:4])
    _fit(compiled, job, steps=1)
    wall, processor = time.perf_counter() - started, sum(os.times()[:4]) - before  # that of g++ is in it
    steps = max(20, STEPS // members)
    engines = {"eager": eager, "compiled": compiled}
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(TURNS):
        for name, engine in engines.items():
            seconds[name].append(_fit(engine, job, steps=steps))
    us = {name: 1e6 * median(each) / (steps * members) for name, each in seconds.items()}
    saved = us["eager"] - us["compiled"]
    pays = f"pays after {1e6 * processor / saved:,.0f} model-steps" if saved > 0.0 else "never pays"
    each = ", ".join(f"{name} {value:.2f} us" for name, value in us.items())
    return (
        f"{members:>5} members: {each} a model-step; compiled in {wall:.0f} s ({processor:.0f} s of the processor), "
        f"{us['eager'] / us['compiled']:.2f} times as quick, {pays}"
    )


def _fit(engine: TorchEngine, job: TrainingJob, *, steps: int) -> float:
    """Processor seconds of some steps, after as many."""
    ends: list[float] = []
    brief = replace(
        job,
        train=job.train[: 2 * steps * job.optimisation.batch_size],
        optimisation=replace(job.optimisation, log_interval=steps),
    )

    def note_end(event: Event) -> None:
        del event
        ends.append(time.process_time())

    engine.fit(brief, on_event=note_end)
    return ends[1] - ends[0]


if __name__ == "__main__":
    main()
