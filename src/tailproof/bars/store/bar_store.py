"""Bars kept in columns, so that a file need be parsed only once: mapped when read, replaced whole, checked in full."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]

from tailproof.bars.clean.quality_report import QualityReport
from tailproof.bars.store.spool import map_frame, write_frames
from tailproof.core.codec import from_tree, to_tree
from tailproof.core.errors import RunFolderError
from tailproof.storage.json_file import read_json, sealed, unsealed

CHECK_BYTES = 1 << 22
ABANDONED = re.compile(r".*\.(\d+)\.part")
"""Name of a file that the process of that number has not finished."""
UNREADABLE = (OSError, KeyError, TypeError, ValueError, RunFolderError, pa.ArrowException, pl.exceptions.PolarsError)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The content that a store returns."""

    frame: pl.DataFrame
    bar_length_ns: int
    report: QualityReport
    set_aside: pl.DataFrame


class DamagedStoreError(Exception):
    """A store exists but cannot be trusted; it is rebuilt, and the user is informed."""


class UnwritableStoreError(Exception):
    """Bars cannot be stored; they are read without a store, and the user is informed."""


@contextmanager
def _writing() -> Iterator[None]:
    """Turn a fault of the system into ``UnwritableStoreError``."""
    try:
        yield
    except OSError as error:
        raise UnwritableStoreError(error.strerror or str(error)) from error


@dataclass(frozen=True, kw_only=True)
class BarStore:
    """The stored bars of one source under one set of options.

    Three files in the cache folder: the bars (Arrow IPC), the rows set aside (Parquet, if any) and, written last, a
    record with the sums of both. Without a record there is no store. Nothing is flushed to the disk on purpose:
    after a crash of the machine the sums disagree, and the store is made again.
    """

    folder: Path
    place: str
    key: str

    @property
    def bars_path(self) -> Path:
        """The Arrow IPC file."""
        return self._path("arrow")

    def read(self) -> Stored | None:
        """The stored bars, or None where there are none.

        Raises:
            DamagedStoreError: they are there, but do not have the sum or the form that they were written with.
        """
        if not self._path("json").exists():
            return None
        try:
            record = unsealed(read_json(self._path("json")))
            _refuse_other_sum(self.bars_path, record["bars"])
            set_aside = pl.DataFrame()
            if record["set_aside"] is not None:
                _refuse_other_sum(self._path("set_aside.parquet"), record["set_aside"])
                set_aside = pl.read_parquet(self._path("set_aside.parquet").absolute(), glob=False)
            return Stored(
                frame=map_frame(self.bars_path),
                bar_length_ns=record["bar_length_ns"],
                report=from_tree(record["report"], QualityReport),
                set_aside=set_aside,
            )
        except UNREADABLE as error:
            raise DamagedStoreError(str(error) or type(error).__name__) from error

    def write_bars(self, frames: Iterable[pl.DataFrame]) -> Path:
        """Write the bars beside their final place and return where; ``commit`` puts them there.

        Raises:
            UnwritableStoreError: the folder cannot be made or written to, or has no room.
        """
        temporary = self.bars_path.with_suffix(f".{os.getpid()}.part")
        with _writing():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._remove_abandoned()
            try:
                write_frames(temporary, frames)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        return temporary

    def commit(
        self,
        temporary: Path,
        *,
        bar_length_ns: int,
        report: QualityReport,
        set_aside: pl.DataFrame,
        lasting: bool = True,
    ) -> pl.DataFrame:
        """Put everything in place, the record last, and return the mapped bars.

        Bars that will be others when a bar is complete that still forms are not ``lasting``: they are mapped from a
        file without a name.

        Raises:
            UnwritableStoreError: the folder cannot be written to, or has no room.
        """
        with _writing():
            if lasting:
                self._put_in_place(temporary, bar_length_ns=bar_length_ns, report=report, set_aside=set_aside)
                return map_frame(self.bars_path)
            frame = map_frame(temporary)
            temporary.unlink()
            return frame

    def _put_in_place(
        self, temporary: Path, *, bar_length_ns: int, report: QualityReport, set_aside: pl.DataFrame
    ) -> None:
        self._remove_older()
        bars = _summed(temporary)
        temporary.replace(self.bars_path)
        aside = self._path("set_aside.parquet")
        if set_aside.height:
            self._write(aside, set_aside)
        record = {
            "bars": bars,
            "bar_length_ns": bar_length_ns,
            "report": to_tree(report),
            "set_aside": _summed(aside) if set_aside.height else None,
        }
        note = self._path("json").with_suffix(f".{os.getpid()}.part")
        note.write_text(json.dumps(sealed(record)))
        note.replace(self._path("json"))

    def _remove_abandoned(self) -> None:
        """What processes of this machine had not finished when they were killed."""
        for file in self.folder.glob("*.part"):
            if (match := ABANDONED.fullmatch(file.name)) and not _is_running(int(match[1])):
                file.unlink(missing_ok=True)

    def _remove_older(self) -> None:
        """Stores of what the source held before it changed, or was last read with other options."""
        for file in self.folder.glob(f"{self.place}-*"):
            if not file.name.endswith(".part"):
                file.unlink(missing_ok=True)

    def _write(self, path: Path, frame: pl.DataFrame) -> None:
        temporary = path.with_suffix(f".{os.getpid()}.part")
        frame.write_parquet(temporary)
        temporary.replace(path)

    def _path(self, suffix: str) -> Path:
        return self.folder / f"{self.place}-{self.key}.{suffix}"


def _summed(path: Path) -> list[int]:
    """Size and sum of a file."""
    return [path.stat().st_size, word_sum(path)]


def _refuse_other_sum(path: Path, written: list[int]) -> None:
    size = path.stat().st_size
    if size != written[0]:
        raise ValueError(f"{size} bytes instead of {written[0]}")
    if word_sum(path) != written[1]:
        raise ValueError("its sum is not that of the bars written")


def _is_running(number: int) -> bool:
    """Whether a process has that number; True where the system cannot be asked."""
    if os.name != "posix":
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def word_sum(path: Path) -> int:
    """Sum and rotation of all 64-bit words of a file: changes with any flipped bit, moved block or missing end.

    It guards against accidents, at the speed of memory; it is no defence against intent.
    """
    buffer, total = bytearray(CHECK_BYTES), 0
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            buffer[count:] = bytes(CHECK_BYTES - count) if count < CHECK_BYTES else b""
            words = int(np.frombuffer(buffer, np.uint64).sum(dtype=np.uint64))
            total = ((total << 1 | total >> 63) & (2**64 - 1)) ^ words
    return total
