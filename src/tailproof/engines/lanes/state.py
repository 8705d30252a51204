"""Everything that a population in training carries from one step to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class LanesState:
    """A population between two steps; training resumed from it continues bit for bit.

    M members, P parameters of one member, in the order of ``NetSpec.parameter_shapes``.
    """

    parameters_MP: np.ndarray
    first_moment_MP: np.ndarray
    second_moment_MP: np.ndarray
    applied_M: np.ndarray
    """int64: steps applied so far, without the skipped ones."""
    active_M: np.ndarray
    """bool: members that still train; the others stay as they are."""
    epoch: int
    """From 1; the epoch that the next step belongs to."""
    step_in_epoch: int
    """Steps of that epoch already done."""
    steps_before_epoch: int
    """Steps done in all when that epoch began."""

    def copy(self) -> LanesState:
        """A state that shares no memory with this one."""
        return LanesState(
            parameters_MP=self.parameters_MP.copy(),
            first_moment_MP=self.first_moment_MP.copy(),
            second_moment_MP=self.second_moment_MP.copy(),
            applied_M=self.applied_M.copy(),
            active_M=self.active_M.copy(),
            epoch=self.epoch,
            step_in_epoch=self.step_in_epoch,
            steps_before_epoch=self.steps_before_epoch,
        )
