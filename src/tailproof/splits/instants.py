"""Times and sessions as callers of the splitters have them → the int64 arrays that the splits work on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from tailproof.core.errors import DataError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MIN_LAST_NS = 10**16
"""April 1970: integers that are all smaller count microseconds or something longer, unless they are no times at all."""


def instants(values: Any, *, name: str) -> np.ndarray:
    """Instants as int64 nanoseconds UTC.

    Args:
        values: integers, which are nanoseconds UTC; or datetimes of any unit, of NumPy, pandas, polars or Python. Those
            with a time zone are the instants that they are; those without are UTC.
        name: of the argument, for errors.

    >>> instants(np.array(["2024-01-02T15:30"], dtype="datetime64[m]"), name="known_at").tolist()
    [1704209400000000000]

    Raises:
        DataError: the values are neither, or one of them is missing.
    """
    array = np.asarray(_without_zone(values))
    if array.dtype == object:
        array = _from_objects(array, name=name)
    if array.dtype.kind == "M":
        if np.isnat(array).any():
            raise DataError(f"{name} must have a time in each row, got none in row {int(np.isnat(array).argmax())}.")
        return array.astype("datetime64[ns]").astype(np.int64)
    if array.dtype.kind in "iu":
        return array.astype(np.int64)
    raise DataError(
        f"{name} must be datetimes, or integers that are nanoseconds UTC, got values of type {array.dtype}. "
        "Convert them, for example with pandas.to_datetime."
    )


def refuse_other_units(values: Any, known_at_N: np.ndarray, *, needed_by: str) -> None:
    """Raise DataError for integers that are no nanoseconds since 1970, where their distance in time matters.

    Args:
        values: ``known_at`` as the caller gave it.
        known_at_N: the same from ``instants``.
        needed_by: what asks for distances in time, for the error.
    """
    if np.asarray(_without_zone(values)).dtype.kind in "iu" and len(known_at_N) and known_at_N.max() < MIN_LAST_NS:
        last = np.datetime64(int(known_at_N.max()), "ns")
        raise DataError(
            f"known_at must be nanoseconds since 1970 where it is integers and {needed_by}, but the last of them would "
            f"then be {last}. Convert it, for example with pandas.to_datetime(known_at, unit='s')."
        )


def numbers_of_sessions(values: Any) -> np.ndarray:
    """Session numbers (int64): integers as they are, anything else by the order in which it first comes.

    >>> numbers_of_sessions(["Tue", "Tue", "Wed"]).tolist(), numbers_of_sessions([7, 7, 9]).tolist()
    ([0, 0, 1], [7, 7, 9])
    """
    array = np.asarray(values)
    if array.dtype.kind in "iu":
        return array.astype(np.int64)
    _, first_S, inverse_N = np.unique(array, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first_S))[inverse_N], dtype=np.int64)


def _without_zone(values: Any) -> Any:
    """A pandas Series or index with a time zone, as UTC without one; pandas would turn it into objects."""
    if getattr(getattr(values, "dtype", None), "tz", None) is None:
        return values
    return getattr(values, "dt", values).tz_convert(None)


def _from_objects(array: np.ndarray, *, name: str) -> np.ndarray:
    """Python datetimes, to the microsecond."""
    for row, value in enumerate(array):
        if not isinstance(value, datetime):
            raise DataError(f"{name} must be datetimes, got {value!r} in row {row}.")
    utc = [value if value.tzinfo else value.replace(tzinfo=UTC) for value in array]
    return np.array([np.timedelta64(value - EPOCH, "us") for value in utc]).astype("datetime64[us]")
