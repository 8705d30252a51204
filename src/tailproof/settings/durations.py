"""Durations as people write and read them."""

from __future__ import annotations

import re
from datetime import timedelta

from tailproof.core.errors import ConfigError

UNITS = {"s": 1, "min": 60, "m": 60, "h": 3600, "d": 86400, "w": 604800}
A_DURATION = f"a duration such as 30min (units: {', '.join(UNITS)}; a month is 30d)"
"""What a duration must be, for messages."""


def bars_or_span(text: str) -> int | timedelta:
    """A number of bars, or a span of time with its unit.

    >>> bars_or_span("5"), bars_or_span("2h")
    (5, datetime.timedelta(seconds=7200))

    Raises:
        ConfigError: it is neither.
    """
    if text.strip().isdigit():
        return int(text)
    try:
        return parse_duration(text)
    except ConfigError as error:
        raise ConfigError(f"should be a number of bars, or {A_DURATION}") from error


def describe_duration(duration: timedelta) -> str:
    """A duration in the largest unit that reads well.

    >>> describe_duration(timedelta(minutes=1)), describe_duration(timedelta(days=2, hours=3))
    ('1 min', '2.1 days')
    """
    seconds = duration.total_seconds()
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            count = seconds / length
            if unit == "days" and count == 1:
                return "1 day"
            return f"{count:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:g} s"


def parse_duration(text: str) -> timedelta:
    """A number with a unit: s, min (or m), h, d, w; capitals are as good, but for M, which is a month to pandas.

    >>> parse_duration("90min"), parse_duration("4d")
    (datetime.timedelta(seconds=5400), datetime.timedelta(days=4))

    Raises:
        ConfigError: it is something else.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)", text.strip())
    if match is None or match[2] == "M" or match[2].lower() not in UNITS:
        raise ConfigError(f"expected {A_DURATION}, got {text!r}.")
    return timedelta(seconds=float(match[1]) * UNITS[match[2].lower()])
