"""Two folders that change their places in one step, so that one of them is there at every moment."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Callable
from pathlib import Path

AT_FDCWD, RENAME_EXCHANGE = -100, 2
UNSUPPORTED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}


def exchange(first: Path, second: Path, *, at_once: Callable[[Path, Path], bool] | None = None) -> None:
    """Let two folders of one file system change places, atomically where the system can (Linux).

    Elsewhere there is a moment, between two renames, at which nothing lies at ``second``.

    Args:
        first: a folder.
        second: the other one.
        at_once: exchanges them in one step, or returns False where that cannot be done; by default the system's call.
    """
    if not (at_once or _exchanged)(first, second):
        aside = first.with_name(f"{first.name}.aside")
        second.rename(aside)
        first.rename(second)
        aside.rename(first)


def _exchanged(first: Path, second: Path) -> bool:
    if os.name != "posix":
        return False
    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is None:
        return False
    if function(AT_FDCWD, os.fsencode(first), AT_FDCWD, os.fsencode(second), RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(first), None, str(second))
