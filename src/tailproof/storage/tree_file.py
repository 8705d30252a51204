"""Dicts and lists of arrays, numbers and texts in one file that detects when it was damaged."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tailproof.core.errors import RunFolderError
from tailproof.storage.atomic import write_atomic_parts
from tailproof.storage.trees import array_bytes, empty_arrays, packed_tree, unpacked_tree

MAGIC = b"tailproof tree 1"
DIGEST = hashlib.sha256().digest_size
COUNT = 8
"""Bytes of the length of the JSON text."""


def write_tree(path: Path, tree: Mapping[str, Any]) -> str:
    """Write a tree atomically; give back the SHA-256 of the file's content, which is also its last 32 bytes.

    The file holds a JSON text and after it the bytes of the arrays, one after the other: reading it runs nothing.
    Arrays are written where they lie, without a copy, unless they are not contiguous.
    """
    digest = hashlib.sha256()

    def pieces() -> Iterator[bytes | memoryview]:
        text, arrays = packed_tree(tree)
        start: list[bytes | memoryview] = [MAGIC, len(text).to_bytes(COUNT, "little"), text]
        for piece in itertools.chain(start, map(array_bytes, arrays)):
            digest.update(piece)
            yield piece
        yield digest.digest()

    write_atomic_parts(path, pieces())
    return digest.hexdigest()


def read_tree(path: Path, *, sha256: str | None = None) -> dict[str, Any]:
    """The tree that was written to ``path``; tuples have become lists, arrays are the caller's own.

    Args:
        path: file that ``write_tree`` wrote.
        sha256: what ``write_tree`` gave back, where it is known.

    Raises:
        RunFolderError: the file is missing, cut off or changed, or it is another one than that with ``sha256``.
    """
    try:
        with path.open("rb") as file:
            digest = _digest_of(path)
            size = path.stat().st_size - DIGEST
            file.seek(max(size, 0))
            last = file.read()
            file.seek(0)
            if last != digest or file.read(len(MAGIC)) != MAGIC or sha256 not in (None, digest.hex()):
                raise RunFolderError(f"{path}: its content is not what was written (a checksum differs).")
            text = file.read(int.from_bytes(file.read(COUNT), "little"))
            arrays = empty_arrays(text)
            for array in arrays:
                file.readinto(array_bytes(array))
    except OSError as error:
        raise RunFolderError(f"{path}: cannot be read ({error}).") from error
    return unpacked_tree(text, arrays)


def _digest_of(path: Path) -> bytes:
    """SHA-256 of all but the last 32 bytes."""
    digest, left = hashlib.sha256(), path.stat().st_size - DIGEST
    with path.open("rb") as file:
        while left > 0:
            block = file.read(min(left, 1 << 20))
            if not block:
                break
            digest.update(block)
            left -= len(block)
    return digest.digest()
