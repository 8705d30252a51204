"""How many steps a window's networks have done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tailproof.core.fit import Event, IntervalRecord


class StepCounter:
    """Counts the steps of all networks of one window, whether they train together or one by one."""

    def __init__(self) -> None:
        self._step_by_first: dict[int, int] = {}
        self.networks = 0
        """Networks that the last interval was about: those that train together."""
        self.model_steps = 0

    def count(self, event: Event) -> None:
        """Take in a record of any member, placebos included: ``model_steps`` grows by what was trained."""
        if isinstance(event, IntervalRecord):
            self.networks = len(event.loss_M)
            new = event.step - self._step_by_first.get(event.first_member, 0)
            self._step_by_first[event.first_member] = event.step
            self.model_steps += new * self.networks

    def counts(self) -> dict[str, Any]:
        """What was counted so far, for ``resume``."""
        return {
            "step_by_first": list(self._step_by_first.items()),
            "networks": self.networks,
            "model_steps": self.model_steps,
        }

    def resume(self, counts: Mapping[str, Any]) -> None:
        """Go on from what ``counts`` returned."""
        self._step_by_first = dict(counts["step_by_first"])
        self.networks, self.model_steps = counts["networks"], counts["model_steps"]
