"""Dicts and lists of arrays, numbers and texts in one file that tells when it is not what was written."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tailproof.artifacts.atomic import write_atomic_parts
from tailproof.core.errors import RunFolderError
from tailproof.core.scratch import rows_array

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
        arrays: list[np.ndarray] = []
        packed = _packed(tree, arrays)
        header = {"tree": packed, "arrays": [[array.dtype.str, array.shape] for array in arrays]}
        text = json.dumps(header, allow_nan=False).encode()
        start: list[bytes | memoryview] = [MAGIC, len(text).to_bytes(COUNT, "little"), text]
        for piece in itertools.chain(start, map(_bytes_of, arrays)):
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
            found = _digest_of(path)
            size = path.stat().st_size - DIGEST
            file.seek(max(size, 0))
            last = file.read()
            file.seek(0)
            if last != found or file.read(len(MAGIC)) != MAGIC or sha256 not in (None, found.hex()):
                raise RunFolderError(f"{path}: its content is not what was written (a checksum differs).")
            header = json.loads(file.read(int.from_bytes(file.read(COUNT), "little")))
            arrays = []
            for dtype, shape in header["arrays"]:
                array = rows_array(tuple(shape), np.dtype(dtype))
                file.readinto(_bytes_of(array))
                arrays.append(array)
    except OSError as error:
        raise RunFolderError(f"{path}: cannot be read ({error}).") from error
    tree: dict[str, Any] = _unpacked(header["tree"], arrays)
    return tree


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


def _bytes_of(array: np.ndarray) -> memoryview:
    """The memory of an array, or of a contiguous copy where it is not."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _packed(value: Any, arrays: list[np.ndarray]) -> Any:
    """Plain JSON values; arrays are put into ``arrays`` and named by their place there."""
    if isinstance(value, np.ndarray):
        assert value.dtype.kind in "biuf", f"arrays of numbers can be kept, however: {value.dtype}"
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Mapping):
        return {"dict": {str(key): _packed(item, arrays) for key, item in value.items()}}
    if isinstance(value, list | tuple):
        return [_packed(item, arrays) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    return value


def _unpacked(value: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(value, list):
        return [_unpacked(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "array":
        return arrays[content]
    if kind == "float":
        return float(content)
    return {key: _unpacked(item, arrays) for key, item in content.items()}
