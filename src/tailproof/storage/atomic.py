"""Files that are either whole or not there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows: a killed command's temporary file stays
    fcntl = None  # type: ignore[assignment]

PART = ".part"
MAX_PREFIX_BYTES = 200
"""A name in a folder has at most 255 bytes; the temporary one is longer than the final one."""


def write_atomic(path: Path, content: bytes) -> None:
    """Write ``content`` to a temporary file in the same folder, flush it to the disk, and rename it to ``path``."""
    write_atomic_parts(path, [content])


def write_atomic_parts(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    """Like ``write_atomic``, for content that lies in memory in several pieces."""
    with temporary_beside(path) as (temporary, file):
        for part in parts:
            file.write(part)
        flush_to_disk(file)
        temporary.replace(path)


@contextmanager
def temporary_beside(path: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """A temporary file in the folder of ``path``, open for writing, with the permissions that a new file has.

    It is removed at the end where it was not renamed. Those that a killed process left for ``path`` are removed at the
    beginning: a living process holds a lock on its own.
    """
    prefix = f".{short_name(path)}."
    for abandoned in path.parent.glob(f"{_escaped(prefix)}*{PART}"):
        _remove_abandoned(abandoned)
    temporary = path.with_name(f"{prefix}{token_hex(8)}{PART}")
    try:  # from before it is there: an interrupt may come as soon as it is
        with temporary.open("x+b") as file:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield temporary, file
    finally:
        temporary.unlink(missing_ok=True)


def flush_to_disk(file: BinaryIO) -> None:
    """Wait until all that was written to a file is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def short_name(path: Path) -> str:
    """The name of a file, or a digest of it where nothing could be added to so long a name."""
    name = os.fsencode(path.name)
    return path.name if len(name) <= MAX_PREFIX_BYTES else hashlib.sha256(name).hexdigest()


def _escaped(text: str) -> str:
    """A text as a pattern that only it matches."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in text)


def _remove_abandoned(temporary: Path) -> None:
    if fcntl is None:
        return
    with suppress(OSError), temporary.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        temporary.unlink()
