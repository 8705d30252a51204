"""Which networks are trained side by side."""

from __future__ import annotations

from pydantic import Field

from tailproof.settings.section import SettingsSection


class PopulationSettings(SettingsSection):
    """Which networks are trained side by side."""

    members: int = Field(
        4, ge=1, description="Networks trained side by side, each from its own seed; their mean forecasts."
    )
    seed: int = Field(0, ge=0, description="Seed of every random number of the run.")
