"""Frames kept for a second pass: in memory while they are few, beyond that in a file, so that memory stays bounded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.ipc  # type: ignore[import-untyped]

ROWS_IN_MEMORY = 1 << 21
"""Two million bars of eight columns are about 130 MB."""


@dataclass
class Spool:
    """Holds frames of one schema; ``close`` removes the file, if there was one."""

    rows_in_memory: int = ROWS_IN_MEMORY
    rows: int = 0
    frames: list[pl.DataFrame] = field(default_factory=list)
    _folder: Any = None
    _writer: Any = None

    def add(self, frame: pl.DataFrame) -> None:
        """Keep ``frame``."""
        self.rows += frame.height
        if self._writer is not None:
            write_frame(self._writer, frame)
            return
        self.frames.append(frame)
        if self.rows > self.rows_in_memory:
            self._spill()

    def __iter__(self) -> Iterator[pl.DataFrame]:
        if self._writer is None:
            yield from self.frames
            return
        self._writer.close()
        yield from read_frames(self._path)

    def whole(self) -> pl.DataFrame:
        """All rows as one frame; from a file it is mapped, and lives on when ``close`` takes the name away."""
        if self._writer is None:
            return pl.concat(self.frames)
        self._writer.close()
        return map_frame(self._path)

    def close(self) -> None:
        """Free what is held."""
        self.frames = []
        if self._folder is not None:
            self._writer.close()
            self._folder.cleanup()

    @property
    def _path(self) -> Path:
        return Path(self._folder.name) / "spool.arrow"

    def _spill(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="tailproof-")
        self._writer = new_writer(self._path, self.frames[0])
        for frame in self.frames:
            write_frame(self._writer, frame)
        self.frames = []


def new_writer(path: Path, like: pl.DataFrame) -> Any:
    """An Arrow IPC file that takes frames with the columns of ``like``."""
    return pa.ipc.new_file(str(path), _arrow(like.clear()).schema)


def write_frame(writer: Any, frame: pl.DataFrame) -> None:
    """Append ``frame``."""
    writer.write_table(_arrow(frame))


def write_frames(path: Path, frames: Iterable[pl.DataFrame]) -> int:
    """Write frames of one schema to ``path`` and return how many rows there were."""
    writer, rows = None, 0
    for frame in frames:
        writer = writer or new_writer(path, frame)
        write_frame(writer, frame)
        rows += frame.height
    if writer is not None:
        writer.close()
    return rows


def read_frames(path: Path) -> Iterator[pl.DataFrame]:
    """The frames of an Arrow IPC file one after another, read and not mapped: what was read can be freed."""
    with pa.OSFile(str(path)) as raw:
        reader = pa.ipc.open_file(raw)
        for at in range(reader.num_record_batches):
            frame = pl.from_arrow(reader.get_batch(at))
            assert isinstance(frame, pl.DataFrame)
            yield frame


def map_frame(path: Path) -> pl.DataFrame:
    """The whole file as one frame whose columns are the mapped file itself: pages are loaded when they are touched."""
    frame = pl.from_arrow(pa.ipc.open_file(pa.memory_map(str(path))).read_all())
    assert isinstance(frame, pl.DataFrame)
    return frame


def _arrow(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.newest())
