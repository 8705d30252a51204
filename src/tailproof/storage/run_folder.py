"""A run on disk: one folder, finished when its manifest is there and true."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tailproof.core.errors import RunFolderError
from tailproof.models.network import NETWORK
from tailproof.storage.atomic import write_atomic
from tailproof.storage.unfinished import UNFINISHED, Unfinished

MANIFEST = "manifest.json"
LOG = "training_log.txt"
METRICS = "metrics.jsonl"
LOCK = ".lock"
OWN_FEATURES = "own_features.py"
"""The user's file of features as it was: without it the run could not be used again."""
FILES = (
    "best_model.pth",
    "best_model.safetensors",
    "final_model.pth",
    "final_model.safetensors",
    "population_best.safetensors",
    "population_final.safetensors",
    NETWORK,
    "training_config.json",
    OWN_FEATURES,
    "feature_statistics.json",
    LOG,
    METRICS,
    "predictions.parquet",
    "verdict.json",
    "audit.json",
    "data_quality.json",
    "drift.json",
    "report_data.json",
    "report.html",
    "report.md",
    "set_aside.parquet",
    MANIFEST,
)
"""All that a finished run holds; a folder that holds anything else is not touched."""
HALF_WRITTEN = re.compile(rf"\.({'|'.join(map(re.escape, FILES))})\..*")
"""What a process that died while writing a file left."""


class RunFolder:
    """Writes the files of one run; ``training_log.txt`` and ``metrics.jsonl`` grow by whole lines, others are
    atomic."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(path / LOCK)
        self.unfinished = Unfinished(path, growing=(LOG, METRICS))

    @classmethod
    def create(cls, path: Path, *, overwrite: bool = False) -> RunFolder:
        """Make the folder and lock it for this process.

        Raises:
            RunFolderError: a finished run is there and ``overwrite`` is False, another process is writing to it, or it
                holds files that are not a run's.
        """
        refuse_taken(path, overwrite=overwrite)
        path.mkdir(parents=True, exist_ok=True)
        folder = cls(path)
        folder._take()
        for name in FILES:
            (path / name).unlink(missing_ok=True)
        folder.unfinished.remove()
        return folder

    @classmethod
    def reopen(cls, path: Path) -> RunFolder:
        """Lock the folder of a run that was stopped; its files stay.

        Raises:
            RunFolderError: another process is writing to it.
        """
        folder = cls(path)
        folder._take()
        return folder

    def _take(self) -> None:
        """Lock, and take away what a process that died left half written."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise RunFolderError(f"{self.path}: another run is writing to this folder. Give another --out.") from error
        for file in self.path.iterdir():
            if HALF_WRITTEN.fullmatch(file.name):
                file.unlink()

    def release(self) -> None:
        """Let others write to the folder: the run was stopped."""
        self._lock.release()

    def discard(self) -> None:
        """Take back a folder in which nothing was trained."""
        for name in (*FILES, LOCK):
            (self.path / name).unlink(missing_ok=True)
        self.unfinished.remove()
        self.path.rmdir()

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write one file atomically."""
        write_atomic(self.path / name, content)

    def write_json(self, name: str, content: Mapping[str, Any]) -> None:
        """Write one JSON file atomically; NaN is refused rather than written as invalid JSON."""
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        self.write_bytes(name, text.encode())

    def append_line(self, name: str, line: str) -> None:
        """Add one line to a growing file."""
        with (self.path / name).open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def finish(self) -> None:
        """Write the manifest, sha256 and size of every file, last of all; the run is then finished.

        What it kept of itself goes after it, and the lock is let go: a folder without manifest and lock is one in which
        a run was stopped.
        """
        self.write_json(MANIFEST, _manifest(self.path))
        self.unfinished.remove()
        self._lock.release()
        (self.path / LOCK).unlink(missing_ok=True)


def refuse_taken(path: Path, *, overwrite: bool, resume: bool = False) -> None:
    """Raise RunFolderError where a run may not be written to ``path``; ``resume`` lets a stopped one go on there."""
    if path.exists() and not path.is_dir():
        raise RunFolderError(f"{path}: this is a file. Give the path of a folder for the run with --out.")
    names = {file.name for file in path.iterdir()} if path.exists() else set()
    foreign = sorted(name for name in names - {*FILES, LOCK, UNFINISHED} if not HALF_WRITTEN.fullmatch(name))
    if foreign:
        raise RunFolderError(
            f"{path}: the folder holds files that are not a run's ({', '.join(foreign[:3])}). Give another --out."
        )
    if MANIFEST in names and not overwrite:
        raise RunFolderError(f"{path}: a finished run is here. Give another --out, or --overwrite to replace it.")
    if not overwrite and not resume and was_stopped(path):
        raise RunFolderError(
            f"{path}: a stopped run is here, which can go on. Give --resume to go on with it, --overwrite to begin "
            "anew, or another --out."
        )


def was_stopped(path: Path) -> bool:
    """Whether a run in the folder ended before its time and kept something to go on from."""
    return not (path / MANIFEST).is_file() and RunFolder(path).unfinished.there


def verify(path: Path) -> dict[str, str]:
    """Check a finished run against its manifest; give back the sha256 of each file.

    Raises:
        RunFolderError: there is no manifest, or files are missing or changed (all are named).
    """
    try:
        entries = json.loads((path / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError) as error:
        raise RunFolderError(f"{path}: no readable {MANIFEST}, so this is not a finished run ({error}).") from error
    faults = []
    for name, entry in entries.items():
        file = path / name
        if not file.is_file():
            faults.append(f"{name} is missing")
        elif _sha256(file) != entry["sha256"]:
            faults.append(f"{name} has changed since the run ended")
    if faults:
        raise RunFolderError(f"{path}: {'; '.join(faults)}. Train again, or restore the files.")
    return {name: entry["sha256"] for name, entry in entries.items()}


def amend(path: Path, content: Mapping[str, bytes]) -> None:
    """Write files into a finished run, and its manifest anew.

    Raises:
        RunFolderError: this is not a finished run, or its other files have changed since it ended.
    """
    verify(path)
    for name, each in content.items():
        write_atomic(path / name, each)
    RunFolder(path).write_json(MANIFEST, _manifest(path))


def _manifest(path: Path) -> dict[str, Any]:
    files = sorted(file for file in path.iterdir() if file.is_file() and file.name not in (MANIFEST, LOCK))
    entries = {file.name: {"sha256": _sha256(file), "bytes": file.stat().st_size} for file in files}
    return {"format": 1, "files": entries}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
