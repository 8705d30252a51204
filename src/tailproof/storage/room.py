"""Whether a folder can be written to and has room, asked before hours of work and not after them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def refuse_no_room(folder: Path, *, size: int) -> None:
    """Raise OSError where a folder, or the nearest one above it that is there, cannot take a file of ``size`` bytes.

    The room is really taken, in a file without a name, and given back: a quota counts too.
    """
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(there)) from error
