"""How bar files are to be read, said once for every command that reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError, field_validator

from tailproof.settings.durations import parse_duration
from tailproof.settings.section import Section, checked_duration, config_error, known_zone, options_of

Settings = TypeVar("Settings", bound=BaseModel)


class ReadingSettings(Section):
    """What a user may say about bar files; the key in a config file and the flag are the field's name with hyphens.

    >>> ReadingSettings(columns=("close=Last",), session_gap="4d").column_names
    {'close': 'Last'}
    """

    columns: tuple[str, ...] = Field((), description="MEANING=NAME for columns not recognised, such as close=Last.")
    timezone: str = Field("UTC", description="IANA zone of times in the file that carry no offset.")
    header: tuple[str, ...] = Field(
        (), description="Names of all columns of CSV files without a line of names, such as time,open,high,low,close."
    )
    delimiter: str | None = Field(None, description="Of CSV files; by default the one that the header line shows.")
    decimal_comma: bool = Field(default=False, description="1,5 means 1.5.")
    day_first: bool = Field(default=False, description="1/3/2024 is the first of March, also where no date shows it.")
    bar_label: Literal["start", "end"] = Field("start", description="Whether a row's time is its bar's start or end.")
    price_scale: float = Field(1.0, gt=0.0, description="Prices of the file are divided by this.")
    ambiguous: Literal["error", "earliest", "latest", "order"] = Field(
        "error", description="Which instant a clock time is that daylight saving repeats."
    )
    calendar: str | None = Field(
        None, description="Trading calendar, such as CME_Equity or XNYS; by default gaps tell."
    )
    session_gap: str = Field(
        "auto", description="A longer gap is a break that nothing crosses: auto, or a duration such as 90m, 4h, 4d."
    )
    repair: tuple[str, ...] = Field((), description="Repairs by name, such as drop-duplicates; all are counted.")
    adjustment: Literal["undeclared", "none", "ratio", "difference"] = Field(
        "undeclared", description="How a continuous series was adjusted; nothing is changed, what it does is said."
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        return known_zone(name)

    @field_validator("columns")
    @classmethod
    def _readable_columns(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if any("=" not in pair for part in given for pair in part.split(",")):
            raise ValueError("should be MEANING=NAME, such as close=Last")
        return given

    @field_validator("session_gap")
    @classmethod
    def _readable_gap(cls, text: str) -> str:
        return checked_duration(text, auto=True)

    @property
    def column_names(self) -> dict[str, str]:
        """File column by meaning, from ``columns``."""
        return dict(pair.split("=", 1) for part in self.columns for pair in part.split(","))

    @property
    def header_names(self) -> tuple[str, ...]:
        """Column names, from ``header``."""
        return tuple(name for part in self.header for name in part.split(","))

    @property
    def repairs(self) -> tuple[str, ...]:
        """Names of repairs, from ``repair``."""
        return tuple(name for part in self.repair for name in part.split(","))

    @property
    def longest_gap(self) -> timedelta | None:
        """``session_gap``; None where the rule is left to the data."""
        return None if self.session_gap == "auto" else parse_duration(self.session_gap)


def checked_settings(model: type[Settings], values: Mapping[str, Any]) -> Settings:
    """A record of settings.

    Raises:
        ConfigError: lists every unknown key (with a suggestion) and every value out of range.
    """
    try:
        return model(**values)
    except ValidationError as error:
        raise config_error(error, options_of(model)) from error
