"""Counts the steps that a window's networks have done."""

from __future__ import annotations

from dataclasses import dataclass

from tailproof.core.fit import Event, IntervalRecord


@dataclass(frozen=True, kw_only=True)
class StepCounts:
    """The counts of a ``StepCounter``."""

    step: int
    """Steps of each network."""
    networks: int
    model_steps: int


class StepCounter:
    """Counts the steps of all networks of one window."""

    def __init__(self) -> None:
        self.counts = StepCounts(step=0, networks=0, model_steps=0)

    def count(self, event: Event) -> None:
        """Take in a record of all members, placebos included: ``model_steps`` grows by what was trained."""
        if isinstance(event, IntervalRecord):
            networks = len(event.loss_M)
            new_steps = (event.step - self.counts.step) * networks
            self.counts = StepCounts(
                step=event.step, networks=networks, model_steps=self.counts.model_steps + new_steps
            )

    def resume(self, counts: StepCounts) -> None:
        """Continue from the counts of another counter."""
        self.counts = counts
