"""An embargo: how far two parts of a split stay apart, beyond what purging requires."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from tailproof.core.errors import ConfigError
from tailproof.settings.durations import bars_or_span

Embargo = int | timedelta
"""A number of rows (bars that gave a row), or a span of time."""


def check_embargo(embargo: Embargo) -> None:
    """Refuse a negative embargo.

    Raises:
        ConfigError: the embargo is below zero.
    """
    below_zero = embargo < timedelta(0) if isinstance(embargo, timedelta) else embargo < 0
    if below_zero:
        raise ConfigError(f"embargo must not be negative, got embargo={embargo}.")


def read_embargo(value: Any) -> Embargo:
    """An embargo as callers write it: rows, or a span as a timedelta of Python, NumPy or pandas, or such as "2h".

    >>> read_embargo("2h"), read_embargo(np.timedelta64(2, "h")), read_embargo(5)
    (datetime.timedelta(seconds=7200), datetime.timedelta(seconds=7200), 5)

    Raises:
        ConfigError: it is none of them, or below zero.
    """
    if isinstance(value, str):
        try:
            return bars_or_span(value)
        except ConfigError as error:
            raise ConfigError(f"embargo {error}, got {value!r}.") from error
    embargo = value
    if isinstance(value, np.timedelta64):
        embargo = value.astype("timedelta64[us]").item() if np.datetime_data(value)[0] != "generic" else None
    elif isinstance(value, np.integer):
        embargo = int(value)
    if isinstance(embargo, bool) or not isinstance(embargo, int | timedelta):
        raise ConfigError(f"embargo must be a number of rows or a time such as 2h or a timedelta, got {value!r}.")
    check_embargo(embargo)
    return embargo
