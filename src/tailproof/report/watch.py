"""Follow a run from another terminal: its log as it grows, until it ends or is found to have stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tailproof.core.errors import RunFolderError
from tailproof.storage.manifest import LOCK, LOG, MANIFEST

try:
    import fcntl
except ImportError:  # Windows: a run without a manifest counts as stopped
    fcntl = None  # type: ignore[assignment]

STAMP = len("2026-01-31 12:00:00 ")


def watch(run: Path, *, show: Callable[[str], None], interval: float = 0.5) -> bool:
    """Show every whole line of the log without its time, the old ones at once; True where the run was finished.

    A run that ended without a manifest, because it was stopped, is known by its lock, which nobody holds any more.

    Args:
        run: folder of the run.
        show: is called with each line.
        interval: seconds between two looks.

    Raises:
        RunFolderError: there is no log of a run in the folder.
    """
    log = run / LOG
    if not log.is_file():
        raise RunFolderError(f"{run}: no {LOG}, so no run has begun here. Give the folder of a run.")
    place = 0
    while True:
        over = (run / MANIFEST).is_file() or not held(run)
        place = _show_new(log, place, show)
        if over:
            return (run / MANIFEST).is_file()
        time.sleep(interval)


def _show_new(log: Path, place: int, show: Callable[[str], None]) -> int:
    """Show whole lines from a byte on; give back where the next begins."""
    with log.open("rb") as file:
        file.seek(place)
        grown = file.read()
    whole = grown[: grown.rfind(b"\n") + 1]
    for line in whole.decode("utf-8", errors="replace").splitlines():
        show(line[STAMP:])
    return place + len(whole)


def held(run: Path) -> bool:
    """Whether some process is writing to a run folder; the folder may be one that only can be read."""
    lock = run / LOCK
    if fcntl is None or not lock.is_file():
        return False
    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
