"""Seconds of a step: many stretches of steps, the quickest and the median kept.

Processor seconds stand beside those of the wall clock. On a quiet machine one thread has both alike; where they differ,
others had the core.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median

Steps = Callable[[int], None]
"""Takes so many training steps and returns when their arithmetic is done."""


@dataclass(kw_only=True)
class Timing:
    """Stretches of one case."""

    stretch: int
    """Steps of a stretch."""
    steps: int = 0
    """Steps of all timed stretches."""
    seconds_a_step: list[float] = field(default_factory=list)
    cpu_seconds_a_step: list[float] = field(default_factory=list)
    """The processor time of all threads of the process together."""

    def as_json(self, models: int) -> dict[str, float]:
        """Microseconds per model-step: the quickest stretch, the median, the least of the processor, how much was
        timed."""
        return {
            "us": min(self.seconds_a_step) / models * 1e6,
            "us_median": median(self.seconds_a_step) / models * 1e6,
            "us_cpu": min(self.cpu_seconds_a_step) / models * 1e6,
            "stretches": len(self.seconds_a_step),
            "steps": self.steps,
        }


def time_steps(take: Steps, *, seconds: float, stretches: int = 7, steps_a_unit: int = 1) -> Timing:
    """Time one case for about ``seconds`` after a warm-up that also finds the length of a stretch.

    ``take`` counts in units of ``steps_a_unit`` steps.
    """
    timing = time_cases({"": take}, seconds=seconds, stretches=stretches)[""]
    return Timing(
        stretch=timing.stretch * steps_a_unit,
        steps=timing.steps * steps_a_unit,
        seconds_a_step=[lasted / steps_a_unit for lasted in timing.seconds_a_step],
        cpu_seconds_a_step=[lasted / steps_a_unit for lasted in timing.cpu_seconds_a_step],
    )


def time_cases(cases: Mapping[str, Steps], *, seconds: float, stretches: int = 7) -> dict[str, Timing]:
    """Time cases in turn, stretch by stretch, so that a busy machine disturbs all alike; ``seconds`` for each."""
    timings = {name: Timing(stretch=_steps_lasting(take, seconds / stretches)) for name, take in cases.items()}
    for _ in range(stretches):
        for name, take in cases.items():
            timing = timings[name]
            cpu = time.process_time()
            timing.seconds_a_step.append(_seconds(take, timing.stretch) / timing.stretch)
            timing.cpu_seconds_a_step.append((time.process_time() - cpu) / timing.stretch)
            timing.steps += timing.stretch
    return timings


def _steps_lasting(take: Steps, seconds: float) -> int:
    take(1)
    steps = 1
    while True:
        lasted = _seconds(take, steps)
        if lasted >= 0.25 * seconds:
            return max(1, round(steps * seconds / lasted))
        steps *= 2 if lasted < 0.05 * seconds else 4


def _seconds(take: Steps, steps: int) -> float:
    started = time.perf_counter()
    take(steps)
    return time.perf_counter() - started
