"""Arrays with one row per bar: in memory while they are small, else in files that the system may page out."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from tailproof.core.errors import DataError

MAPPED_FROM_BYTES = 1 << 26
"""Arrays with one row per bar are kept in a file from this size on (64 MB)."""
ROWS_AT_ONCE = 1 << 16
"""Rows worked on at a time, so that intermediate results stay small compared with the arrays."""


def cache_folder() -> Path:
    """``TAILPROOF_CACHE``, else ``tailproof`` in ``XDG_CACHE_HOME`` or in ``~/.cache``."""
    named = os.environ.get("TAILPROOF_CACHE")
    if named:
        return Path(named)
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "tailproof"


def rows_array(shape: tuple[int, ...], dtype: DTypeLike = np.float32, *, mapped_from: int | None = None) -> np.ndarray:
    """An array to be filled: in memory while it is small, else mapped from a file in the cache folder.

    The file has no name and is gone with the array, however the process ends. Its room on the disk is taken at once,
    since writing to a mapped file on a full disk kills the process.

    Args:
        shape: of the array.
        dtype: of its values.
        mapped_from: bytes from which the array is mapped; None means MAPPED_FROM_BYTES.

    Raises:
        DataError: the disk has no room for it.

    >>> rows_array((3, 2)).dtype
    dtype('float32')
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size < (MAPPED_FROM_BYTES if mapped_from is None else mapped_from):
        return np.empty(shape, dtype=dtype)
    folder = cache_folder() / "scratch"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _mapped(folder, shape, dtype)
    except OSError as error:
        with suppress(OSError):  # the cache is a convenience: the system's folder for such files serves as well
            return _mapped(Path(tempfile.gettempdir()), shape, dtype)
        raise DataError(
            f"bars as long as these are worked on in files, but {size / 1e9:.1f} GB cannot be had in {folder} "
            f"({error}). Make room there, or name another folder in TAILPROOF_CACHE."
        ) from error


def _mapped(folder: Path, shape: tuple[int, ...], dtype: DTypeLike) -> np.ndarray:
    with tempfile.TemporaryFile(dir=folder) as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, math.prod(shape) * np.dtype(dtype).itemsize)
        return np.memmap(file, dtype=dtype, mode="r+", shape=shape)


def blocks(rows: int, *, size: int = ROWS_AT_ONCE) -> Iterator[slice]:
    """Ranges of ``size`` rows that cover all.

    >>> list(blocks(3, size=2))
    [slice(0, 2, None), slice(2, 3, None)]
    """
    return (slice(start, min(start + size, rows)) for start in range(0, rows, size))


def gathered(x_NF: np.ndarray, row_R: np.ndarray, *, at_once: int = ROWS_AT_ONCE) -> np.ndarray:
    """``x_NF[row_R]`` in a ``rows_array``, filled ``at_once`` rows at a time."""
    x_RF = rows_array((len(row_R), *x_NF.shape[1:]), x_NF.dtype)
    for block in blocks(len(row_R), size=at_once):
        x_RF[block] = x_NF[row_R[block]]
    return x_RF
