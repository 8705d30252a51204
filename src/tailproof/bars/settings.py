"""Everything a user may say about bar files, checked on construction."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tailproof.core.errors import ConfigError
from tailproof.settings.reading_settings import ReadingSettings

BarLabel = Literal["start", "end"]
Ambiguous = Literal["error", "earliest", "latest", "order"]
Adjustment = Literal["undeclared", "none", "ratio", "difference"]
Store = Literal["auto", "always", "never"]

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


@dataclass(frozen=True, kw_only=True)
class ReadSettings:
    """How the cells of a file are to be understood, and what may be mended.

    Raises:
        ConfigError: a name, zone or combination that cannot be meant.
    """

    timezone: str = "UTC"
    """IANA zone of times without an offset."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Meaning to file column, for names that are not recognised: ``{"close": "Last"}``."""
    header: tuple[str, ...] = ()
    """Names of the columns of CSV files that have no line of names."""
    delimiter: str | None = None
    """None takes the one the header line shows."""
    decimal_comma: bool = False
    day_first: bool = False
    """Whether 1/3/2024 is the first of March, also where no date shows it."""
    bar_label: BarLabel = "start"
    """Whether a row's time is the start or the end of its bar."""
    price_scale: float = 1.0
    """Prices of the file are divided by this."""
    ambiguous: Ambiguous = "error"
    """Which of two instants a clock time repeated at the end of daylight saving is; "order" goes by the rows' order."""
    repairs: tuple[str, ...] = ()
    adjustment: Adjustment = "undeclared"
    """How a continuous futures series or a stock was adjusted."""
    calendar: str | None = None
    """Name of a trading calendar; None infers sessions from the gaps of the data."""
    session_gap: timedelta | None = None
    store: Store = "auto"

    @classmethod
    def of(cls, said: ReadingSettings) -> ReadSettings:
        """The settings that a command line or a config file makes.

        Raises:
            ConfigError: as on construction.
        """
        return cls(
            timezone=said.timezone,
            columns=said.column_names,
            header=said.header_names,
            delimiter=said.delimiter,
            decimal_comma=said.decimal_comma,
            day_first=said.day_first,
            bar_label=said.bar_label,
            price_scale=said.price_scale,
            ambiguous=said.ambiguous,
            repairs=said.repairs,
            adjustment=said.adjustment,
            calendar=said.calendar,
            session_gap=said.longest_gap,
        )

    def __post_init__(self) -> None:
        faults = [*self._unknown_repairs(), *self._contradictions(), *self._unknown_choices()]
        if faults:
            raise ConfigError("; ".join(faults) + ".")

    def _unknown_choices(self) -> list[str]:
        choices = {
            "bar_label": BarLabel,
            "ambiguous": Ambiguous,
            "adjustment": Adjustment,
            "store": Store,
        }
        faults = [
            f"{name.replace('_', '-')} must be one of {', '.join(get_args(allowed))}, however: {getattr(self, name)!r}"
            for name, allowed in choices.items()
            if getattr(self, name) not in get_args(allowed)
        ]
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            faults.append(f"tz must be an IANA zone such as America/New_York, however: {self.timezone!r}")
        return faults

    def _unknown_repairs(self) -> list[str]:
        faults = []
        for name in self.repairs:
            if name not in REPAIRS:
                near = difflib.get_close_matches(name, REPAIRS, n=1)
                hint = f" (did you mean '{near[0]}'?)" if near else ""
                faults.append(f"there is no repair '{name}'{hint}; known: {', '.join(REPAIRS)}")
        return faults

    def _contradictions(self) -> list[str]:
        faults = []
        if {"keep-first", "keep-last"} <= set(self.repairs):
            faults.append("repairs keep-first and keep-last exclude each other")
        if {"drop-bad-volume", "zero-missing-volume"} <= set(self.repairs):
            faults.append("repairs drop-bad-volume and zero-missing-volume exclude each other")
        if not self.price_scale > 0:
            faults.append(f"price-scale must be above 0, however: {self.price_scale}")
        if self.delimiter is not None and len(self.delimiter) != 1:
            faults.append(f"delimiter must be one character, however: {self.delimiter!r}")
        if self.decimal_comma and self.delimiter == ",":
            faults.append("a decimal comma and the delimiter ',' cannot be told apart")
        if self.session_gap is not None and self.session_gap <= timedelta(0):
            faults.append("session-gap must be longer than 0")
        return faults
