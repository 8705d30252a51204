"""A disk that is really full: commands in a file system in memory that has too little room."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.faults.promises.ground import OPTIONS, Ground, Promise, Trial

IN_A_NAMESPACE = """mount -t tmpfs -o size="$1"k tmpfs "$2" || exit 90
cp -r "$3" "$2/old" 2>/dev/null || true
place="$2" check="$4" python="$5"; shift 5
"$python" -m tailproof "$@"; code=$?
"$python" -c "$check" "$place" || exit 91
exit $code
"""
"""Mounts a file system of so many KiB at a place, copies a run to it, runs a command, and looks at what is left."""
CHECK = """
import pathlib, sys
from tailproof.storage import verify
place = pathlib.Path(sys.argv[1])
for run in (place / "old", place / "run"):
    if (run / "manifest.json").is_file():
        verify(run)
sys.exit(bool(list(place.rglob("*.part"))))
"""


def can_mount() -> bool:
    """Whether this system lets a process mount a file system for itself alone."""
    if not sys.platform.startswith("linux") or shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    )
    return tried.returncode == 0


def disk_trials(ground: Ground) -> Iterator[Trial]:
    """A command writes to a disk of some hundred KiB; where it cannot be mounted, there is no trial to pass."""
    if not can_mount():
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
        yield partial(_full, ground, place, name, [str(each) for each in commands[name]], size)


def _full(ground: Ground, place: Path, name: str, arguments: list[str], size: int) -> str | None:
    shell = [str(size), str(place), str(ground.run), CHECK, sys.executable, *arguments]
    ran = subprocess.run(
        ["unshare", "-rm", "sh", "-c", IN_A_NAMESPACE, "sh", *shell], capture_output=True, text=True, check=False
    )
    what = f"{name} on {size} KiB"
    if ran.returncode not in (0, 2, 3) or "Traceback" in ran.stderr:
        return f"{what}: exit code {ran.returncode}: {(ran.stdout + ran.stderr)[-300:]}"
    return None


PROMISES = (
    Promise(
        text="a disk in memory that is full: one message, what was whole stays whole, no rubbish",
        count=100,
        trials=disk_trials,
    ),
)
