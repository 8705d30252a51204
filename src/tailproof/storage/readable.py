"""Reading a run folder that may hold anything."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
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


def rows_of_run(path: Path) -> pl.LazyFrame:
    """The rows of a Parquet file of a run, to be collected; a few bytes that unfold into billions of rows are not.

    Raises:
        RunFolderError: the file has more rows than bytes, which forecasts and returns never have, or is no Parquet.
    """
    try:
        rows = pl.scan_parquet(path.absolute(), glob=False)  # in a name, polars takes ~ and [ for patterns
        count = int(rows.select(pl.len()).collect().item())
    except (OSError, PolarsError) as error:
        raise RunFolderError(f"{path}: not readable as Parquet ({error}). Restore the file.") from error
    if count > path.stat().st_size:
        raise RunFolderError(
            f"{path}: must have at most one row per byte, got {count:,} rows in {path.stat().st_size:,} bytes. "
            "Restore the file."
        )
    return rows
