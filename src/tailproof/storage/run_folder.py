"""A run on disk: one folder, finished when its manifest is there and true."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tailproof.core.errors import RunFolderError
from tailproof.core.surface import setting, switch
from tailproof.storage.atomic import short_name, write_atomic
from tailproof.storage.exchange import exchange
from tailproof.storage.manifest import FILES, LOCK, LOG, MANIFEST, METRICS, enclosing_run, manifest_record
from tailproof.storage.unfinished import UNFINISHED, Unfinished

HALF_WRITTEN = re.compile(rf"\.({'|'.join(map(re.escape, FILES))})\..*")
"""Pattern of the files left by a process that died while writing."""


class RunFolder:
    """Writes the files of one run; ``training_log.txt`` and ``metrics.jsonl`` grow by whole lines, others are atomic.

    A run that replaces a finished one is written beside it, into ``next_to(path)``, and takes its place when it is
    finished: until then the old run is there, whole.

    Args:
        path: where the files are written.
        final: where the run belongs, if that is another place.
    """

    def __init__(self, path: Path, *, final: Path | None = None) -> None:
        self.path = path
        self.final = final or path
        self._locks = [FileLock(folder / LOCK) for folder in dict.fromkeys((self.final, path))]
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
        staged = (path / MANIFEST).is_file()
        if staged:
            next_to(path).mkdir(exist_ok=True)
        folder = cls(next_to(path) if staged else path, final=path)
        folder._take()
        try:
            refuse_taken(path, overwrite=overwrite)  # what was true a moment ago may have changed before the lock
            if staged != (path / MANIFEST).is_file():
                raise RunFolderError(f"{path}: another run was finished here at this moment. Run the command again.")
            _remove_files(folder.path)
        except BaseException:
            folder.release()
            raise
        return folder

    @classmethod
    def reopen(cls, path: Path) -> RunFolder:
        """Lock the folder of a run that was stopped, see ``stopped_run``; its files stay.

        Raises:
            RunFolderError: another process is writing to it, or it can no longer be resumed.
        """
        stopped = stopped_run(path)
        if stopped is None:
            raise RunFolderError(f"{path}: no stopped run is here to continue. Train without {switch('resume')}.")
        path.mkdir(exist_ok=True)
        folder = cls(stopped, final=path)
        folder._take()
        if stopped_run(path) != stopped:
            folder.release()
            raise RunFolderError(f"{path}: another process has finished or replaced this run. Run the command again.")
        return folder

    def _take(self) -> None:
        """Lock, and remove files that a process left half written when it died."""
        for folder in {self.path, self.final}:
            _refuse_foreign(folder)
        for lock in self._locks:
            try:
                lock.acquire(timeout=0)
            except Timeout as error:
                self.release()
                raise RunFolderError(
                    f"{self.final}: another run is writing to this folder. Give another {setting('out')}."
                ) from error
        for file in self.path.iterdir():
            if HALF_WRITTEN.fullmatch(file.name):
                file.unlink()

    def release(self) -> None:
        """Let others write to the folder: the run was stopped."""
        for lock in self._locks:
            lock.release()

    def discard(self) -> None:
        """Take back a folder in which nothing was trained."""
        _remove_files(self.path)
        for folder in {self.path, self.final}:
            (folder / LOCK).unlink(missing_ok=True)
        self.path.rmdir()
        self.release()

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
        """Write the manifest, last of all: the run is finished, and takes the place of the one that it replaces."""
        self.write_json(MANIFEST, manifest_record(self.path))
        if self.path != self.final:
            exchange(self.path, self.final)

    def close(self) -> None:
        """After ``finish``: remove the run's checkpoints and the run that was replaced, and unlock.

        The lock's file goes before the lock: whoever takes the lock next does so on a file of its own.
        """
        Unfinished(self.final, growing=()).remove()
        if self.path != self.final:
            _remove_files(self.path)
            (self.path / LOCK).unlink(missing_ok=True)
            self.path.rmdir()
        (self.final / LOCK).unlink(missing_ok=True)
        self.release()


def next_to(path: Path) -> Path:
    """Where a run is written that replaces the finished one at ``path``."""
    return path.parent / f".{short_name(path)}.next"


def stopped_run(path: Path) -> Path | None:
    """The folder of the stopped run that ``--resume`` continues: ``path``, or the one that was to replace it."""
    for folder in (path, next_to(path)):
        if not (folder / MANIFEST).is_file() and Unfinished(folder, growing=()).there:
            return folder
    return None


def refuse_taken(path: Path, *, overwrite: bool, resume: bool = False) -> None:
    """Raise RunFolderError where a run may not be written to ``path``; ``resume`` lets a stopped one go on there."""
    if path.name in ("", ".."):
        raise RunFolderError(
            f"{path}: a run's folder must be given by its name, and its list of trials lies beside it. Give "
            f"{setting('out', str(path.resolve()))}."
        )
    for place in (path, *path.parents):
        if place.is_symlink() and not place.exists():
            raise RunFolderError(
                f"{place}: this symbolic link leads nowhere, or in a circle. Correct it, or give another "
                f"{setting('out')}."
            )
    if (run := enclosing_run(path)) is not None:
        raise RunFolderError(
            f"{path}: this would lie in the run folder {run}, which holds only that run's files. Give another "
            f"{setting('out')}, such as {run.parent / path.name}."
        )
    for folder in (path, next_to(path)):
        _refuse_foreign(folder)
    if overwrite or (resume and stopped_run(path) is not None):
        return
    if (path / MANIFEST).exists():
        raise RunFolderError(
            f"{path}: a finished run is here. Give another {setting('out')}, or {switch('overwrite')} to replace it."
        )
    if stopped_run(path) == path:
        raise RunFolderError(
            f"{path}: a stopped run is here. Give {switch('resume')} to continue it, "
            f"{switch('overwrite')} to begin anew, or another {setting('out')}."
        )


def _refuse_foreign(path: Path) -> None:
    """Raise RunFolderError where something lies in a run's folder that is none of its files, or the folder is none.

    What is written or cut back through a link would lie elsewhere; a folder or a pipe in place of a file would stop the
    run after an hour.
    """
    if path.is_symlink():
        raise RunFolderError(
            f"{path}: a run's folder must be a folder of its own, but this is a link. Give what it leads to: "
            f"{setting('out', str(path.resolve()))}."
        )
    if path.exists() and not path.is_dir():
        raise RunFolderError(f"{path}: this is a file. Give the path of a folder for the run with {setting('out')}.")
    files = sorted(path.iterdir()) if path.exists() else []
    foreign = [
        file.name
        for file in files
        if file.name not in (*FILES, LOCK, UNFINISHED) and not HALF_WRITTEN.fullmatch(file.name)
    ]
    if foreign:
        raise RunFolderError(
            f"{path}: the folder holds files that are not a run's ({', '.join(foreign[:3])}). Give another "
            f"{setting('out')}."
        )
    odd = [
        file.name
        for file in files
        if file.is_symlink() or not (file.is_dir() if file.name == UNFINISHED else file.is_file())
    ]
    if odd:
        raise RunFolderError(
            f"{path}: a run's folder must hold files of its own, but it holds links, folders or pipes in their place "
            f"({', '.join(odd[:3])}). Give another {setting('out')}, or put the files in their place."
        )


def _remove_files(path: Path) -> None:
    """Remove the files of a run, and nothing else; the manifest first, since without its files it says nothing."""
    for name in (MANIFEST, *FILES):
        (path / name).unlink(missing_ok=True)
    Unfinished(path, growing=()).remove()
