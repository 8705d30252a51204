"""Panics of polars: what it cannot handle in a damaged table is a fault of the file, and not the end of the process."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import polars as pl

from tailproof.core.errors import DataError

P = ParamSpec("P")
R = TypeVar("R")
MAX_LENGTH = 200


def panics_refused(read: Callable[P, R]) -> Callable[P, R]:
    """A function that reads bars, whose first argument is what is read; a panic becomes a ``DataError`` that names it.

    Polars panics, with an exception that ``except Exception`` does not catch, on times beyond the years that it can
    write and on some broken encodings; Python's own times overflow there.
    """

    @wraps(read)
    def reading(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return read(*arguments, **named)
        except (pl.exceptions.PanicException, OverflowError) as error:
            source = arguments[0] if arguments else next(iter(named.values()))
            name = "the frame" if hasattr(source, "columns") else str(source)
            first = str(error).strip().partition("\n")[0][:MAX_LENGTH]
            raise DataError(
                f"{name}: must hold values that can be read, but holds what no bar can hold ({first}). Get the "
                "file again from where it came, or write it anew with the program that made it."
            ) from error

    return reading
