"""Simulated bars streamed to a file that appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pyarrow.parquet as parquet  # type: ignore[import-untyped, unused-ignore]

from tailproof.bars.simulate.stream import simulate_chunks
from tailproof.core.errors import ConfigError


def write_simulated(
    path: str | Path, *, rows: int, ic: float, seed: int, bounce: float = 0.0, start: date | None = None
) -> Path:
    """Write the bars of ``simulate`` to a .csv or .parquet file, replacing it; memory holds one chunk.

    Times read like 2015-01-04T23:00:00Z in CSV. The file is written under another name in the same folder, synced and
    renamed, so a reader sees the old file or the whole new one.
    """
    path = Path(path)
    writers = {".csv": _write_csv, ".parquet": _write_parquet}
    if path.suffix not in writers:
        raise ConfigError(f"simulated bars are written to .csv or .parquet, however: {path}. Change the file's ending.")
    if not path.parent.is_dir():
        raise ConfigError(f"the folder of the file must exist, however: {path.parent} is no folder. Make it first.")
    if path.is_dir():
        raise ConfigError(f"simulated bars are written to a file, however: {path} is a folder. Name a file in it.")
    chunks = simulate_chunks(rows=rows, ic=ic, seed=seed, bounce=bounce, start=start)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            writers[path.suffix](chunks, file)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _write_csv(chunks: Iterator[pl.DataFrame], file: BinaryIO) -> None:
    for number, chunk in enumerate(chunks):
        chunk.write_csv(file, include_header=number == 0, datetime_format="%Y-%m-%dT%H:%M:%SZ")


def _write_parquet(chunks: Iterator[pl.DataFrame], file: BinaryIO) -> None:
    first = next(chunks)
    table = first.to_arrow()
    with parquet.ParquetWriter(file, table.schema, compression="zstd") as writer:
        writer.write_table(table)
        for chunk in chunks:
            writer.write_table(chunk.to_arrow())
