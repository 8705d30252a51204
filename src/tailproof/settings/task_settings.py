"""The quantity that a network forecasts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tailproof.settings.section import SettingsSection

TargetName = Literal["rank", "rank-gauss", "raw"]
"""Each names a record in ``tailproof.tasks.TASKS``."""


class TaskSettings(SettingsSection):
    """The quantity that a network forecasts."""

    target: TargetName = Field(
        "rank",
        description="Form of the target: the return's rank in [0, 1], the rank's normal score, or standard deviations.",
    )
    horizon: int = Field(1, ge=1, description="Bars from the close of a bar to the close that is forecast.")

    @property
    def given_horizon(self) -> int | None:
        """``horizon`` where somebody has set it; None where it is the default.

        >>> TaskSettings(horizon=1).given_horizon, TaskSettings().given_horizon
        (1, None)
        """
        return self.horizon if "horizon" in self.model_fields_set else None
