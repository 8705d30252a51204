"""A JSON object in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tailproof.core.errors import RunFolderError


def read_json(path: Path, *, optional: bool = False) -> dict[str, Any]:
    """A file that holds a JSON object; empty where it is optional and absent.

    Raises:
        RunFolderError: it cannot be read, or holds something else.
    """
    if optional and not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunFolderError(f"{path}: not readable as JSON ({error}). Train again, or restore the file.") from error
    if not isinstance(content, dict):
        raise RunFolderError(f"{path}: must hold a JSON object, however it holds a {type(content).__name__}.")
    return content
