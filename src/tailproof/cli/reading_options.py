"""The options by which a user says how bar files are to be read, shared by all commands that read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from tailproof.bars.settings import ReadSettings


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """How to read the bars."""

    columns: Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative=())] = ()
    """MEANING=NAME for columns that are not recognised, such as close=Last volume=Contracts."""
    tz: Annotated[str, Parameter(name=("--tz", "--timezone"))] = "UTC"
    """IANA zone of times without an offset, such as America/New_York."""
    delimiter: str | None = None
    """Of CSV files; by default the one that the header line shows."""
    decimal_comma: Annotated[bool, Parameter(negative=())] = False
    """1,5 means 1.5."""
    bar_label: str = "start"
    """Whether a row's time is the start or the end of its bar."""
    price_scale: float = 1.0
    """Prices of the file are divided by this."""
    ambiguous: str = "error"
    """Which instant a clock time is that daylight saving repeats: error, earliest, latest, or order (of the rows)."""
    calendar: str | None = None
    """Trading calendar of pandas-market-calendars, such as CME_Equity or XNYS; by default gaps tell the sessions."""
    session_gap: str | None = None
    """A longer gap than this is a break: 30min, 4d."""
    repair: Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative=())] = ()
    """Repairs by name, such as drop-duplicates; what they take is counted and can be kept."""
    adjustment: str = "undeclared"
    """How a continuous series was adjusted: none, ratio or difference. Nothing is changed; what it does is said."""

    def settings(self, *, store: str = "auto") -> ReadSettings:
        """The settings of the bars stage.

        Raises:
            ConfigError: an option that cannot be meant.
        """
        from tailproof.bars.settings import ReadSettings
        from tailproof.core.durations import parse_duration

        return ReadSettings(
            columns=_pairs(self.columns),
            timezone=self.tz,
            delimiter=self.delimiter,
            decimal_comma=self.decimal_comma,
            bar_label=self.bar_label,  # type: ignore[arg-type]
            price_scale=self.price_scale,
            ambiguous=self.ambiguous,  # type: ignore[arg-type]
            calendar=self.calendar,
            session_gap=None if self.session_gap is None else parse_duration(self.session_gap),
            repairs=tuple(name for part in self.repair for name in part.split(",")),
            adjustment=self.adjustment,  # type: ignore[arg-type]
            store=store,  # type: ignore[arg-type]
        )


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    """``close=Last`` as meaning and name; several may be joined by commas."""
    from tailproof.core.errors import ConfigError

    parts = [pair for part in given for pair in part.split(",")]
    wrong = [pair for pair in parts if "=" not in pair]
    if wrong:
        raise ConfigError(f"--columns must be MEANING=NAME, such as close=Last, however: {', '.join(wrong)}")
    return dict(pair.split("=", 1) for pair in parts)
