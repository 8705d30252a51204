"""An embargo: how far two parts of a split stay apart, beyond what purging asks for."""

from __future__ import annotations

from datetime import timedelta

from tailproof.core.errors import ConfigError

Embargo = int | timedelta
"""A number of rows (bars that gave a row), or a span of time."""


def check_embargo(embargo: Embargo) -> None:
    """Refuse a negative embargo.

    Raises:
        ConfigError: the embargo is below zero.
    """
    below_zero = embargo < timedelta(0) if isinstance(embargo, timedelta) else embargo < 0
    if below_zero:
        raise ConfigError(f"embargo must not be negative, however: embargo={embargo}.")


def nanoseconds(embargo: timedelta) -> int:
    """Whole nanoseconds, the unit of all times in arrays.

    >>> nanoseconds(timedelta(minutes=1))
    60000000000
    """
    return (embargo.days * 86_400 + embargo.seconds) * 1_000_000_000 + embargo.microseconds * 1_000
