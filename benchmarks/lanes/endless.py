"""A population that takes any number of steps, across the ends of epochs."""

from __future__ import annotations

from tailproof.engines.lanes import Population


class Endless:
    """Calling it takes so many steps; a step that was skipped would be counted as one, so none may be.

    A new epoch's order is made inside the call, as it is in training.
    """

    def __init__(self, population: Population) -> None:
        self.population = population

    def __call__(self, steps: int) -> None:
        while steps > 0:
            taken = min(steps, self.population.steps_left)
            stretch = self.population.train_steps(taken)
            assert not stretch.skipped_SM.any(), "a step was skipped, so that less work was timed"
            steps -= taken
