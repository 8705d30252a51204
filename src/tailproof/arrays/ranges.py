"""Counts and ranges of rows."""

from __future__ import annotations


def ceil_div(count: int, size: int) -> int:
    """How many parts of ``size`` hold ``count``: the quotient rounded up.

    >>> ceil_div(10, 5), ceil_div(11, 5)
    (2, 3)
    """
    return -(-count // size)


def as_slice(rows: range) -> slice:
    """The slice that takes consecutive rows.

    >>> as_slice(range(3, 7))
    slice(3, 7, None)
    """
    return slice(rows.start, rows.stop)
