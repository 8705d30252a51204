"""When a VIX close is known that is merged into the bars."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field, ValidationInfo, field_validator

from tailproof.settings.durations import parse_duration
from tailproof.settings.section import Section, checked_duration, known_zone


class VixSettings(Section):
    """When a VIX close is known that is merged into the bars."""

    vix_timezone: str | None = Field(
        None, description="IANA zone of a VIX file's times that carry no offset; by default that of the bars."
    )
    vix_lag: str = Field("auto", description="How long after its bar a VIX close is published: auto, or such as 15m.")
    vix_stale_after: str = Field("10d", description="A VIX close known longer ago than this is not carried on.")

    @field_validator("vix_timezone")
    @classmethod
    def _known_vix_zone(cls, name: str | None) -> str | None:
        return None if name is None else known_zone(name)

    @field_validator("vix_lag", "vix_stale_after")
    @classmethod
    def _readable_durations(cls, text: str, info: ValidationInfo) -> str:
        return checked_duration(text, auto=info.field_name == "vix_lag")

    @property
    def lag(self) -> timedelta | None:
        """How long after its bar a VIX close is published; None where the rule of its kind says."""
        return None if self.vix_lag == "auto" else parse_duration(self.vix_lag)

    @property
    def stale_after(self) -> timedelta:
        """How long a VIX close is carried on."""
        return parse_duration(self.vix_stale_after)
