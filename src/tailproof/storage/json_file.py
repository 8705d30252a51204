"""A JSON object in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from tailproof.core.errors import RunFolderError

MAX_BYTES = 1 << 30
"""No file of a run comes near 1 GiB of JSON."""


def read_json(path: Path, *, optional: bool = False) -> dict[str, Any]:
    """A file that holds a JSON object; empty where it is optional and absent.

    Raises:
        RunFolderError: it cannot be read, is nested too deep, or holds something else.
    """
    if optional and not path.is_file():
        return {}
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"{path.stat().st_size:,} bytes")
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except (OSError, ValueError, RecursionError) as error:
        raise RunFolderError(f"{path}: not readable as JSON ({error}). Train again, or restore the file.") from error
    if not isinstance(content, dict):
        raise RunFolderError(f"{path}: must hold a JSON object, got a {type(content).__name__}. Restore the file.")
    return content


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
