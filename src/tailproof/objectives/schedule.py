"""The learning rate as a function of the applied step."""

from __future__ import annotations

import math
from typing import Literal

ScheduleName = Literal["constant", "cosine"]


def schedule_factor(applied_step: int, *, warmup_steps: int, total_steps: int, schedule: ScheduleName) -> float:
    """Share of the target learning rate that the ``applied_step``-th applied step (counted from 1) uses.

    Linear warm-up, k / warmup_steps, reaches 1 at applied step ``warmup_steps`` (Goyal et al. 2017, section 2.2); then
    constant, or half a cosine from 1 to 0 at ``total_steps`` (Loshchilov and Hutter 2017, SGDR, without restarts).
    A step that was skipped by a guard is not an applied step and does not advance the schedule.

    >>> 1e-4 * schedule_factor(1000, warmup_steps=1000, total_steps=5000, schedule="constant")
    0.0001
    >>> schedule_factor(1, warmup_steps=1000, total_steps=5000, schedule="cosine")
    0.001
    >>> schedule_factor(5000, warmup_steps=1000, total_steps=5000, schedule="cosine")
    0.0
    """
    if applied_step < warmup_steps:
        return applied_step / warmup_steps
    if schedule == "constant" or total_steps <= warmup_steps:
        return 1.0
    progress = min(1.0, (applied_step - warmup_steps) / (total_steps - warmup_steps))
    return 0.5 * (1.0 + math.cos(math.pi * progress))


def schedule_factors(total_steps: int, *, warmup_steps: int, schedule: ScheduleName) -> list[float]:
    """``schedule_factor`` of every applied step from the first to the last."""
    return [
        schedule_factor(step, warmup_steps=warmup_steps, total_steps=total_steps, schedule=schedule)
        for step in range(1, total_steps + 1)
    ]
