"""The learning rate as a function of the applied step."""

from __future__ import annotations

import math
from typing import Literal

ScheduleName = Literal["constant", "cosine"]
WARMUP_STEPS = 1000


def default_warmup(total_steps: int) -> int:
    """Steps of the warm-up where none are asked for: 1,000, or a third of all steps where these are fewer than 3,000.

    >>> default_warmup(60_000), default_warmup(2_400)
    (1000, 800)
    """
    return min(WARMUP_STEPS, total_steps // 3)


def schedule_factor(applied_step: int, *, warmup_steps: int, total_steps: int, schedule: ScheduleName) -> float:
    """Share of the target learning rate that the ``applied_step``-th applied step (counted from 1) uses.

    Linear warm-up, k / warmup_steps, reaches 1 at applied step ``warmup_steps`` (Goyal et al. 2017, section 2.2); then
    constant, or half a cosine that falls from 1 to 0 (Loshchilov and Hutter 2017, SGDR, without restarts) and would be
    0 one step after the last of ``total_steps``, so that no step is taken at rate 0.
    A step that was skipped by a guard is not an applied step and does not advance the schedule.

    >>> 1e-4 * schedule_factor(1000, warmup_steps=1000, total_steps=5000, schedule="constant")
    0.0001
    >>> schedule_factor(1, warmup_steps=1000, total_steps=5000, schedule="cosine")
    0.001
    >>> schedule_factor(5000, warmup_steps=4000, total_steps=5000, schedule="cosine") > 0.0
    True
    """
    if applied_step < warmup_steps:
        return applied_step / warmup_steps
    if schedule == "constant" or total_steps <= warmup_steps:
        return 1.0
    progress = min(1.0, (applied_step - warmup_steps) / (total_steps + 1 - warmup_steps))
    return 0.5 * (1.0 + math.cos(math.pi * progress))


def schedule_factors(total_steps: int, *, warmup_steps: int, schedule: ScheduleName) -> list[float]:
    """``schedule_factor`` of every applied step from the first to the last."""
    return [
        schedule_factor(step, warmup_steps=warmup_steps, total_steps=total_steps, schedule=schedule)
        for step in range(1, total_steps + 1)
    ]
