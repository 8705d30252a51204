"""How bar files are to be read: one record for Python, the command line and config files."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, field_validator, model_validator

from tailproof.core.errors import ConfigError
from tailproof.settings.durations import A_DURATION, parse_duration
from tailproof.settings.section import SettingsSection, checked_settings, known_zone

BarLabel = Literal["start", "end"]
Ambiguous = Literal["error", "earliest", "latest", "order"]
Adjustment = Literal["undeclared", "none", "ratio", "difference"]

REPAIRS = {
    "drop-unreadable": "rows whose cells cannot be read, or are too few or too many, are set aside",
    "drop-bad-prices": "rows with missing, zero, negative or non-finite prices or an impossible range are set aside",
    "widen-range": "high and low are widened until open and close lie between them",
    "drop-bad-volume": "rows whose volume is missing, negative or non-finite are set aside",
    "zero-missing-volume": "missing volume becomes 0",
    "drop-duplicates": "a row equal to the row above in time and prices is set aside",
    "keep-first": "of rows with one time, all but the first are set aside",
    "keep-last": "of rows with one time, all but the last are set aside",
    "sort": "rows are put in the order of their times (the whole file is held in memory)",
    "drop-future": "rows complete only after now are set aside",
}
"""Repairs by name and what each does; none is ever applied unasked."""
EXCLUSIVE_REPAIRS = (("keep-first", "keep-last"), ("drop-bad-volume", "zero-missing-volume"))


def _names(names: Any) -> Any:
    """Names in a list, or joined by commas as on a command line."""
    if isinstance(names, str):
        names = (names,)
    if not isinstance(names, Iterable) or isinstance(names, Mapping):
        return names
    return tuple(name for part in names for name in (part.split(",") if isinstance(part, str) else (part,)))


def _pairs(mapping: Any) -> Any:
    """A mapping, or MEANING=NAME in a list or joined by commas."""
    if isinstance(mapping, Mapping):
        return mapping
    pairs = _names(mapping)
    if not isinstance(pairs, tuple) or any(not isinstance(pair, str) or "=" not in pair for pair in pairs):
        raise ValueError("should be MEANING=NAME, such as close=Last")
    return dict(pair.split("=", 1) for pair in pairs)


def _gap(gap: Any) -> Any:
    if gap is None or gap == "auto":
        return None
    if not isinstance(gap, str):
        return gap
    try:
        return parse_duration(gap)
    except ConfigError as error:
        raise ValueError(f"should be auto, or {A_DURATION}") from error


def _pairs_text(columns: Mapping[str, str]) -> list[str]:
    return [f"{meaning}={name}" for meaning, name in columns.items()]


def _gap_text(gap: timedelta | None) -> str:
    return "auto" if gap is None else f"{gap.total_seconds():g}s"


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Pairs = Annotated[Mapping[str, str], BeforeValidator(_pairs), PlainSerializer(_pairs_text, when_used="json")]
Gap = Annotated[timedelta | None, BeforeValidator(_gap), PlainSerializer(_gap_text, when_used="json")]


class ReadOptions(SettingsSection):
    """Options for reading bar files; the key in a config file and the flag are the field's name with hyphens.

    Values may be typed, as in Python, or text, as on the command line:

    >>> ReadOptions(columns={"close": "Last"}, session_gap=timedelta(days=4)) == ReadOptions(
    ...     columns="close=Last", session_gap="4d")
    True
    """

    columns: Pairs = Field({}, description="MEANING=NAME for columns not recognised, such as close=Last.")
    timezone: str = Field("UTC", description="IANA zone of times in the file that carry no offset.")
    header: Names = Field(
        (), description="Names of all columns of CSV files without a line of names, such as time,open,high,low,close."
    )
    delimiter: str | None = Field(
        None, min_length=1, max_length=1, description="Delimiter of CSV files; by default that of the header line."
    )
    skip_lines: int = Field(0, ge=0, description="Lines of CSV files above the line of names; 0 = detected.")
    instrument: str | None = Field(None, description="Instrument to take where a file or folder holds several.")
    ignore: Names = Field((), description="Columns to leave out, such as volume.")
    time_format: str | None = Field(
        None,
        description="How times are written, in the directives of strptime, such as '%d.%m.%Y %H:%M'; or minguo, for "
        "Taiwan's years.",
    )
    decimal_comma: bool = Field(default=False, description="1,5 means 1.5.")
    day_first: bool = Field(default=False, description="1/3/2024 is the first of March, also where no date shows it.")
    bar_label: BarLabel = Field("start", description="Whether a row's time is its bar's start or end.")
    price_scale: float = Field(1.0, gt=0.0, description="Prices of the file are divided by this.")
    ambiguous: Ambiguous = Field(
        "error", description="Which instant is meant by a clock time that daylight saving repeats."
    )
    calendar: str | None = Field(
        None, description="Trading calendar, such as CME_Equity or XNYS; by default gaps decide."
    )
    session_gap: Gap = Field(
        None, description="A longer gap is a break that nothing crosses: auto, or a duration such as 90m, 4h, 4d."
    )
    repair: Names = Field((), description="Repairs by name, such as drop-duplicates; all are counted.")
    adjustment: Adjustment = Field(
        "undeclared", description="How a continuous series was adjusted; the effect is reported, nothing is changed."
    )

    @model_validator(mode="before")
    @classmethod
    def _repairs_is_repair(cls, values: Any) -> Any:
        """The repairs under the name that Python callers may use."""
        if isinstance(values, Mapping) and "repairs" in values:
            return {**{name: value for name, value in values.items() if name != "repairs"}, "repair": values["repairs"]}
        return values

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        return known_zone(name)

    @field_validator("session_gap")
    @classmethod
    def _positive_gap(cls, gap: timedelta | None) -> timedelta | None:
        if gap is not None and gap <= timedelta(0):
            raise ValueError("should be longer than 0")
        return gap

    @field_validator("repair")
    @classmethod
    def _known_repairs(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in REPAIRS:
                near = difflib.get_close_matches(name, REPAIRS, n=1)
                hint = f" (did you mean '{near[0]}'?)" if near else ""
                raise ValueError(
                    f"should be names of repairs, and there is no repair '{name}'{hint}; known: {', '.join(REPAIRS)}"
                )
        for pair in EXCLUSIVE_REPAIRS:
            if set(pair) <= set(names):
                raise ValueError(f"should not name both {pair[0]} and {pair[1]}: they exclude each other")
        return names

    @model_validator(mode="after")
    def _marks_apart(self) -> ReadOptions:
        if self.decimal_comma and self.delimiter == ",":
            raise ValueError("a decimal comma and the delimiter ',' cannot both be: they are one character")
        return self


def read_options(options: ReadOptions | None, changes: Mapping[str, Any]) -> ReadOptions:
    """``options``, the defaults where there are none, with some fields given anew.

    Raises:
        ConfigError: lists every unknown field (with a suggestion) and every value that cannot be meant.
    """
    if not changes:
        return options or ReadOptions()
    before = {} if options is None else {name: getattr(options, name) for name in ReadOptions.model_fields}
    return checked_settings(ReadOptions, {**before, **changes})


OF_OTHER_FILES = (
    *("columns", "header", "delimiter", "skip_lines", "instrument", "time_format", "decimal_comma", "day_first"),
    "ambiguous",
)
"""The fields that may differ for a file that is merged into the bars."""


def of_other_file(name: str, *, whose: str) -> Any:
    """The field of ``ReadOptions`` once more, for another file than that of the bars."""
    field = ReadOptions.model_fields[name]
    return Field(field.default, description=f"{whose}: {field.description}")
