"""Reading a run folder that may hold anything."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from polars.exceptions import PolarsError
from safetensors import SafetensorError

from tailproof.core.errors import RunFolderError

UNREADABLE = (
    KeyError,
    IndexError,
    TypeError,
    ValueError,
    AttributeError,
    OverflowError,
    ZeroDivisionError,
    RecursionError,
    struct.error,
    PolarsError,
    SafetensorError,
)
"""Errors that content not written by a run leads to."""


@contextmanager
def readable(*runs: Path) -> Iterator[None]:
    """Turn errors in the content of run folders into one message that names the folders.

    Raises:
        RunFolderError: the content is none that this version can read; the first error is its cause.
    """
    try:
        yield
    except UNREADABLE as error:
        names = ", ".join(map(str, runs))
        raise RunFolderError(
            f"{names}: holds what this version of tailproof cannot read ({type(error).__name__}: {error}). Restore the "
            "folder, or train again."
        ) from error
