"""When a merged VIX close is known."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field, ValidationInfo, field_validator

from tailproof.settings.durations import parse_duration
from tailproof.settings.read_options import OF_OTHER_FILES, Ambiguous, Names, Pairs, ReadOptions, of_other_file
from tailproof.settings.section import SettingsSection, checked_duration, known_zone


class VixSettings(SettingsSection):
    """When a merged VIX close is known."""

    vix_timezone: str | None = Field(
        None, description="IANA zone of a VIX file's times that carry no offset; by default that of the bars."
    )
    vix_lag: str = Field("auto", description="How long after its bar a VIX close is published: auto, or such as 15m.")
    vix_stale_after: str = Field("10d", description="A VIX close known longer ago than this is not carried forward.")

    vix_columns: Pairs = of_other_file("columns", whose="VIX file")
    vix_header: Names = of_other_file("header", whose="VIX file")
    vix_delimiter: str | None = of_other_file("delimiter", whose="VIX file")
    vix_skip_lines: int = of_other_file("skip_lines", whose="VIX file")
    vix_instrument: str | None = of_other_file("instrument", whose="VIX file")
    vix_time_format: str | None = of_other_file("time_format", whose="VIX file")
    vix_decimal_comma: bool = of_other_file("decimal_comma", whose="VIX file")
    vix_day_first: bool = of_other_file("day_first", whose="VIX file")
    vix_ambiguous: Ambiguous = of_other_file("ambiguous", whose="VIX file")

    @field_validator("vix_timezone")
    @classmethod
    def _known_vix_zone(cls, name: str | None) -> str | None:
        return None if name is None else known_zone(name)

    @field_validator("vix_lag", "vix_stale_after")
    @classmethod
    def _readable_durations(cls, text: str, info: ValidationInfo) -> str:
        return checked_duration(text, auto=info.field_name == "vix_lag")

    def reading(self, bars: ReadOptions) -> ReadOptions:
        """How to read the VIX file; in the time zone of the bars unless another is given."""
        own = {name: getattr(self, f"vix_{name}") for name in OF_OTHER_FILES}
        return ReadOptions(timezone=self.vix_timezone or bars.timezone, **own)

    @property
    def published_after(self) -> timedelta | None:
        """How long after its bar a VIX close is published; None where the rule of its kind decides."""
        return None if self.vix_lag == "auto" else parse_duration(self.vix_lag)

    @property
    def carried_for(self) -> timedelta:
        """How long a VIX close is carried forward."""
        return parse_duration(self.vix_stale_after)
