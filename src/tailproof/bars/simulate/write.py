"""Simulated bars streamed to a file that appears whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pyarrow.parquet as parquet  # type: ignore[import-untyped, unused-ignore]

from tailproof.bars.simulate.stream import simulate_chunks
from tailproof.core.errors import ConfigError
from tailproof.storage.out_file import out_file


def write_simulated(
    path: str | Path,
    *,
    rows: int,
    ic: float,
    seed: int,
    bounce: float = 0.0,
    start: date | None = None,
    overwrite: bool = False,
) -> Path:
    """Write the bars of ``simulate`` to a .csv or .parquet file; memory holds one chunk.

    Times read like 2015-01-04T23:00:00Z in CSV. The file is written under another name in the same folder, synced and
    renamed, so a reader sees the old file or the whole new one.

    Raises:
        ConfigError: the ending is not known, or a file is there and ``overwrite`` is False.
    """
    return write_chunks(
        path, simulate_chunks(rows=rows, ic=ic, seed=seed, bounce=bounce, start=start), overwrite=overwrite
    )


def write_chunks(path: str | Path, chunks: Iterator[pl.DataFrame], *, overwrite: bool = False) -> Path:
    """Write bars that come in chunks, see ``write_simulated``."""
    path = Path(path)
    writers = {".csv": _write_csv, ".parquet": _write_parquet}
    if path.suffix not in writers:
        raise ConfigError(f"simulated bars are written to .csv or .parquet, got {path}. Change the file's ending.")
    out = out_file(path, overwrite=overwrite)
    with out.writing() as (_, file):
        writers[path.suffix](chunks, file)
    return path


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
