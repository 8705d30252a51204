"""Where a command writes a file that its user named."""

from __future__ import annotations

import os
from pathlib import Path

from tailproof.core.errors import ConfigError


def ready_for(out: Path) -> Path:
    """Make the folder of a file that is to be written; give the file back.

    Raises:
        ConfigError: a folder has the file's name, or no file can be written to its folder.
    """
    if out.is_dir():
        raise ConfigError(f"{out}: a file is to be written here, however: it is a folder. Name a file in it.")
    folder = out.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{out}: its folder cannot be made ({error.strerror}: {error.filename}). Name another."
        ) from error
    if not os.access(folder, os.W_OK):
        raise ConfigError(f"{out}: the folder {folder} may not be written to. Name another.")
    return out
