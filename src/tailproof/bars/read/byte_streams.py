"""Bytes of a file, plain or compressed, with a guard that the file stayed the same while it was read."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa  # type: ignore[import-untyped]

from tailproof.core.errors import DataError

COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2", ".xz": "xz", ".zip": "zip"}


class ByteStream(Protocol):
    """The part of a file that a block reader needs."""

    def readinto(self, buffer: memoryview, /) -> int: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class FileState:
    """The state of a file, which changes when it is written to or replaced."""

    inode: int
    size: int
    changed_ns: int

    @classmethod
    def of(cls, path: Path) -> FileState:
        """The state of ``path`` now."""
        stat = path.stat()
        return cls(inode=stat.st_ino, size=stat.st_size, changed_ns=stat.st_mtime_ns)


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """Refuse what was read inside the block if ``path`` was written to or replaced meanwhile.

    Raises:
        DataError: the file changed, or vanished.
    """
    before = FileState.of(path)
    try:
        yield
    except DataError as error:
        if not _is_still(path, before):
            raise _changed(path) from error
        raise
    if not _is_still(path, before):
        raise _changed(path)


def _is_still(path: Path, before: FileState) -> bool:
    try:
        return FileState.of(path) == before
    except FileNotFoundError:
        return False


def _changed(path: Path) -> DataError:
    return DataError(f"{path}: the file changed while it was read, so nothing was kept. Run again when it is whole.")


def compression_of(path: Path) -> str | None:
    """The compression that the suffix names."""
    return COMPRESSIONS.get(path.suffix.lower())


@contextmanager
def open_bytes(path: Path) -> Iterator[ByteStream]:
    """Uncompressed bytes of ``path`` as a stream.

    Raises:
        DataError: the compressed data is cut off or damaged.
    """
    compression = compression_of(path)
    if compression is None:
        with path.open("rb", buffering=0) as raw:
            yield _UpToSize(raw, path.stat().st_size)
        return
    if compression == "xz":
        with lzma.open(path) as unpacked:
            yield _Unpacked(unpacked, path, compression)
        return
    if compression == "zip":
        with (
            _named_errors(path),
            zipfile.ZipFile(path) as archive,
            archive.open(_only_member(archive, path)) as unpacked,
        ):
            yield _Unpacked(unpacked, path, compression)
        return
    with path.open("rb") as packed:
        stream: Any = pa.CompressedInputStream(pa.PythonFile(packed, mode="r"), compression)
        yield _Unpacked(stream, path, compression)


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except zipfile.BadZipFile as error:
        raise DataError(f"{path}: the zip data is cut off or damaged ({error}). Copy it again.") from error


def _only_member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """The one file in an archive; folders and what macOS adds are none."""
    members = [member for member in archive.infolist() if not member.is_dir() and not member.filename.startswith("__")]
    if len(members) != 1:
        names = ", ".join(member.filename for member in members[:5]) or "nothing"
        raise DataError(
            f"{path}: the archive must hold one file, got {len(members)} ({names}). Unpack it into a folder."
        )
    return members[0]


class _UpToSize:
    """A file as long as it was when it was opened: one that is written to meanwhile would never end."""

    def __init__(self, raw: FileIO, size: int) -> None:
        self._raw, self._left = raw, size

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill ``buffer`` from its start and return the number of bytes; 0 at the end."""
        count = self._raw.readinto(buffer[: self._left])
        self._left -= count
        return count


class _Unpacked:
    """A decompressing stream whose errors name the file."""

    def __init__(self, stream: Any, path: Path, compression: str) -> None:
        self._stream, self._path, self._compression = stream, path, compression

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill ``buffer`` from its start and return the number of bytes; 0 at the end."""
        try:
            count: int = self._stream.readinto(buffer)
        except (OSError, EOFError, lzma.LZMAError, zipfile.BadZipFile, zlib.error) as error:
            raise DataError(
                f"{self._path}: the {self._compression} data is cut off or damaged ({error}). Copy it again."
            ) from error
        return count


def read_some(stream: ByteStream, size: int) -> bytes:
    """The next ``size`` bytes, fewer only at the end."""
    content = bytearray(size)
    filled = 0
    while filled < size and (count := stream.readinto(memoryview(content)[filled:])):
        filled += count
    return bytes(content[:filled])
