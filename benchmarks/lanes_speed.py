"""Time of one model-step of the lanes engine, in many shapes, all in one run.

    python benchmarks/lanes_speed.py [--prototype FILE.cpp] [--seconds 0.3] [--repeats 5]

Prints one line a case: microseconds per model-step, the best of ``--repeats`` stretches of about ``--seconds``. With
``--prototype`` the scratch kernel of that file is compiled (with -march=native -ffast-math, which the engine does not
allow itself) and timed in the same run. Cases alternate, so that a busy machine disturbs all alike.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tailproof.engines.lanes_engine import Population, instruction_sets
from tailproof.engines.protocol import Member, Optimisation, TrainingJob
from tailproof.nets.spec import robust_financial_net
from tailproof.objectives.objective import Objective

ROWS = 914_247
Measure = Callable[[], float]


def make_job(members: int, *, hidden: tuple[int, ...] = (16, 8), batch_size: int = 16) -> TrainingJob:
    rng = np.random.default_rng(0)
    return TrainingJob(
        spec=robust_financial_net(inputs=5, hidden_dims=hidden, dropout_rate=0.1, input_norm="layer"),
        objective=Objective(),
        optimisation=Optimisation(
            epochs=1000,
            batch_size=batch_size,
            warmup_steps=1000,
            schedule="constant",
            max_grad_norm=1.0,
            patience=0,
            log_interval=1000,
        ),
        members=tuple(Member(seed=s, learning_rate=1e-4, weight_decay=0.01, dropout_rate=0.1) for s in range(members)),
        seed=0,
        x_NF=rng.normal(size=(ROWS, 5)).astype(np.float32),
        y_NT=rng.random((ROWS, 1)).astype(np.float32),
        train=range(ROWS),
        validation=range(0),
    )


def timed(population: Population, seconds: float) -> Measure:
    """Each call trains for about ``seconds`` and gives microseconds per model-step."""
    members = len(population.job.members)
    steps = 20

    def measure() -> float:
        nonlocal steps
        if population.steps_left < steps:
            population.train_steps(population.steps_left)
        started = time.perf_counter()
        population.train_steps(steps)
        elapsed = time.perf_counter() - started
        result = elapsed / steps / members * 1e6
        steps = max(1, min(population.steps_per_epoch, int(steps * seconds / elapsed)))
        return result

    measure()
    return measure


def prototype(source: Path, width: int, folder: Path) -> Measure:
    program = folder / f"prototype{width}"
    flags = [f"-DW={width}", "-DT=4", "-DSHARED", "-O3", "-march=native", "-ffast-math", "-w"]
    subprocess.run(["g++", *flags, str(source), "-o", str(program)], check=True)

    def measure() -> float:
        text = subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout
        return min(float(found) for found in re.findall(r"per model-step ([\d.]+)", text))

    return measure


def cases(seconds: float) -> dict[str, Measure]:
    measures: dict[str, Measure] = {}
    for found in instruction_sets():
        if not found.supported:
            continue
        os.environ["TAILPROOF_ISA"] = found.name
        for members in (1, 8, 16, 64):
            measures[f"{found.name}, {members} members"] = timed(Population(make_job(members)), seconds)
        own = Population(make_job(64), row_offset_M=[member * (ROWS // 64) for member in range(64)])
        measures[f"{found.name}, 64 members, own rows"] = timed(own, seconds)
        two = Population(make_job(64), threads=2)
        measures[f"{found.name}, 64 members, 2 threads"] = timed(two, seconds)
    del os.environ["TAILPROOF_ISA"]
    for batch_size in (256, 4096):
        job = make_job(64, batch_size=batch_size)
        measures[f"64 members, batch {batch_size}"] = timed(Population(job), seconds)
    for width in (64, 512):
        measures[f"16 members, hidden ({width}, {width})"] = timed(
            Population(make_job(16, hidden=(width, width))), seconds
        )
    return measures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prototype", type=Path)
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measures = cases(options.seconds)
        if options.prototype:
            for width in (8, 16):
                measures[f"prototype, {width} lanes"] = prototype(options.prototype, width, Path(folder))
        best = dict.fromkeys(measures, float("inf"))
        for _ in range(options.repeats):
            for name, measure in measures.items():
                best[name] = min(best[name], measure())
    print(f"load average {os.getloadavg()}, {os.cpu_count()} cores, best of {options.repeats}")
    for name, value in best.items():
        print(f"{name:40} {value:10.3f} us per model-step")


if __name__ == "__main__":
    main()
