"""A disk that is really full: commands in a file system in memory that has too little room."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.faults.promises.commands import How, ended
from tests.faults.promises.ground import OPTIONS, Ground, Promise, Trial

from tailproof.core.errors import TailproofError
from tailproof.storage import verify

NEW_MOUNTS, NEW_USERS = 0x00020000, 0x10000000
"""CLONE_NEWNS and CLONE_NEWUSER."""
RECURSIVE_PRIVATE = 0x4000 | 0x40000


def mount_small_disk(place: Path, size: int, run: Path) -> None:
    """Give this process, which must have one thread, a disk in memory of ``size`` KiB, and copy a run to it.

    Raises:
        OSError: the system lets no process mount a file system for itself alone.
    """
    user, group = os.getuid(), os.getgid()
    _call("unshare", NEW_MOUNTS | NEW_USERS)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    _call("mount", b"none", b"/", None, RECURSIVE_PRIVATE, None)
    _call("mount", b"tmpfs", os.fsencode(place), b"tmpfs", 0, f"size={size}k".encode())
    try:
        shutil.copytree(run, place / "old")
    except (OSError, shutil.Error):  # not even the run has room
        shutil.rmtree(place / "old", ignore_errors=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), name)


def whole_and_tidy(place: Path) -> str | None:
    """What is wrong on the small disk after a command."""
    for run in (place / "old", place / "run"):
        if (run / "manifest.json").is_file():
            try:
                verify(run)
            except TailproofError as error:
                return str(error)
    rubbish = [file.name for file in place.rglob("*.part")]
    return f"{rubbish} is left" if rubbish else None


def disk_trials(ground: Ground) -> Iterator[Trial]:
    """A command writes to a disk of some hundred KiB; where it cannot be mounted, there is no trial to pass."""
    if not sys.platform.startswith("linux"):
        sys.exit("a full disk needs Linux and the right to mount in a namespace of one's own (unshare -rm)")
    place = ground.folder / "disk"
    place.mkdir()
    commands = {
        "train": ["train", ground.bars, "--out", place / "run", *OPTIONS],
        "train --overwrite": ["train", ground.bars, "--out", place / "old", *OPTIONS, "--overwrite"],
        "report": ["report", place / "old"],
        "predict": ["predict", place / "old", ground.bars, "--out", place / "out.csv"],
        "resample": ["resample", ground.bars, "--to", "5min", "--out", place / "out.csv"],
    }
    number = 0
    while True:
        number += 1
        name = list(commands)[number % len(commands)]
        size = ground.chance.choice((500, 800, 1_200, 2_000, 4_000, 17_000, 18_000))
        yield partial(_full, ground, place, name, commands[name], size)


def _full(ground: Ground, place: Path, name: str, arguments: list[str | Path], size: int) -> str | None:
    how = How(prepare=partial(mount_small_disk, place, size, ground.run), check=partial(whole_and_tidy, place))
    end = ended(*arguments, how=how)
    what = f"{name} on {size} KiB"
    if end.code not in (0, 2, 3) or "Traceback" in end.output:
        return f"{what}: {end.tail}"
    return None if end.wrong is None else f"{what}: {end.wrong}"


PROMISES = (
    Promise(
        text="a disk in memory that is full: one message, what was whole stays whole, no rubbish",
        count=100,
        trials=disk_trials,
    ),
)
