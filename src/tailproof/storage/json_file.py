"""A JSON object in a file, and one that shows when it was damaged."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from tailproof.core.errors import RunFolderError

MAX_BYTES = 1 << 26
"""No file of a run comes near 64 MiB of JSON: read, it takes about ten times its size in memory."""
SUM = "sha256"
"""Key of the checksum over all others in a sealed object."""


def read_json(path: Path, *, optional: bool = False) -> dict[str, Any]:
    """A file that holds a JSON object; empty where it is optional and absent.

    Raises:
        RunFolderError: it cannot be read, is nested too deep, or holds something else.
    """
    if optional and not path.is_file():
        return {}
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is a folder, a device or a pipe")
        if status.st_size > MAX_BYTES:
            raise ValueError(f"{status.st_size:,} bytes")
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except (OSError, ValueError, RecursionError) as error:
        raise RunFolderError(f"{path}: not readable as JSON ({error}). Train again, or restore the file.") from error
    if not isinstance(content, dict):
        raise RunFolderError(f"{path}: must hold a JSON object, got a {type(content).__name__}. Restore the file.")
    return content


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """An object as JSON has it, with its checksum.

    Raises:
        ValueError: a figure is not finite, and so no JSON.

    >>> unsealed(sealed({"places": (1, 2)}))
    {'places': [1, 2]}
    """
    plain = json.loads(json.dumps(content, allow_nan=False))
    return {**plain, SUM: _sum(plain)}


def unsealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The object that ``sealed`` was given.

    Raises:
        ValueError: it was damaged, or has no checksum.
    """
    plain = {name: value for name, value in content.items() if name != SUM}
    if content.get(SUM) != _sum(plain):
        raise ValueError("its checksum differs")
    return plain


def _sum(plain: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
