"""The number of warm-up steps of a fold, and the message where it is unusual."""

from __future__ import annotations

from tailproof.objectives.schedule import WARMUP_STEPS, default_warmup
from tailproof.settings.optimisation_settings import OptimisationSettings
from tailproof.walkforward.plan import Plan


def warm_up_of(optimisation: OptimisationSettings, *, steps: int) -> int:
    """Steps of the warm-up of a fold with this many steps: as asked for, else as suits them."""
    return default_warmup(steps) if optimisation.warmup_steps is None else optimisation.warmup_steps


def warm_up_notes(plan: Plan, optimisation: OptimisationSettings) -> tuple[str, ...]:
    """The message for windows with fewer steps than three warm-ups."""
    setting = optimisation.warmup_steps
    warmup = WARMUP_STEPS if setting is None else setting
    steps = plan.steps(optimisation)
    few = [count for count in steps if count < 3 * warmup]
    if not few:
        return ()
    windows = (
        f"{len(few)} of {len(steps)} windows have fewer steps than three warm-ups of {warmup:,} (at least {min(few):,})"
    )
    if setting is None:
        return (f"Warm-up: {windows}: their learning rate rises over a third of their steps.",)
    return (f"Warning: {windows}. The warm-up is kept as asked for; the default is at most a third of the steps.",)
