"""The options that every measurement of the lanes engine takes, and the line it prints."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.flops import step_flops
from benchmarks.lanes.endless import Endless
from benchmarks.stopwatch import time_cases
from tailproof.engines.interface import TrainingJob
from tailproof.engines.lanes import Population


@dataclass(frozen=True, kw_only=True)
class Options:
    """``seconds`` for each case; ``quick`` leaves out the large ones."""

    seconds: float
    quick: bool
    full: bool


def options() -> Options:
    """From the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--full", action="store_true")
    arguments = parser.parse_args()
    return Options(seconds=arguments.seconds, quick=arguments.quick, full=arguments.full)


def time_populations(populations: Mapping[str, Population], *, seconds: float) -> dict[str, dict[str, float]]:
    """Microseconds per model-step and GFLOP/s of each population, timed in turn."""
    timings = time_cases({name: Endless(each) for name, each in populations.items()}, seconds=seconds)
    return {
        name: {**timing.as_json(len(populations[name].job.members)), **_rate(populations[name].job, timing.as_json(1))}
        for name, timing in timings.items()
    }


def _rate(job: TrainingJob, timing: dict[str, float]) -> dict[str, float]:
    flops = step_flops(job.spec, batch=job.optimisation.batch_size) * len(job.members)
    return {"members": len(job.members), "gflops": flops / timing["us"] * 1e-3}


def print_json(result: dict[str, Any]) -> None:
    """The last line a benchmark prints is its result."""
    print(json.dumps(result), flush=True)
