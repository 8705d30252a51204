"""Checkpoints of a run until it is finished, in a folder inside its own: enough to resume after a stop."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tailproof.core.errors import RunFolderError
from tailproof.core.surface import setting, switch
from tailproof.storage.tree_file import read_tree, write_tree

UNFINISHED = "unfinished"
HEAD, PART = re.compile(r"run-(\d+)\.kept"), re.compile(r"folds-(\d+)\.kept")
OWN = re.compile(r"\.?(run|folds)-\d+\.kept(\..*)?")
"""Every file of the folder, and those left by a process that died while writing one."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The latest checkpoint that is whole."""

    head: dict[str, Any]
    parts: list[dict[str, Any]]
    """The parts that were added, in order."""
    faults: tuple[str, ...]
    """Faults of later checkpoints that are not whole."""


class Unfinished:
    """Writes and reads the checkpoints of a run.

    Each time there is a head, which replaces the last but one, and, where there is something new, a part, which stays.
    A head names its parts with their checksums and how far the run's growing files had grown: it is whole where all of
    them are. One that is not is never used; then the one before it is.

    Args:
        run: folder of the run.
        growing: names of files in it that grow by lines.
    """

    def __init__(self, run: Path, *, growing: tuple[str, ...]) -> None:
        self._run = run
        self._folder = run / UNFINISHED
        self._growing = growing
        self._number = 0
        self._parts: list[list[str]] = []
        self._grown: dict[str, int] = {}

    @property
    def there(self) -> bool:
        """Whether there is a checkpoint."""
        return any(self._heads())

    def write(self, head: Mapping[str, Any], *, part: Mapping[str, Any] | None) -> None:
        """Keep a head and, where there is one, a further part."""
        self._folder.mkdir(exist_ok=True)
        self._number += 1
        parts = list(self._parts)
        if part is not None:
            name = f"folds-{self._number}.kept"
            parts.append([name, write_tree(self._folder / name, part)])
        tree = {
            "head": head,
            "parts": parts,
            "grown": {name: _flushed_size(self._run / name) for name in self._growing},
        }
        write_tree(self._folder / f"run-{self._number}.kept", tree)
        self._parts = parts
        (self._folder / f"run-{self._number - 2}.kept").unlink(missing_ok=True)

    def read(self) -> Kept:
        """The latest checkpoint that is whole; from now on ``write`` continues after it.

        Raises:
            RunFolderError: nothing is whole; every fault is named.
        """
        faults: list[str] = []
        for number in sorted(self._heads(), reverse=True):
            try:
                tree = read_tree(self._folder / f"run-{number}.kept")
                self._refuse_short(tree["grown"])
                parts = [read_tree(self._folder / name, sha256=sha256) for name, sha256 in tree["parts"]]
            except RunFolderError as error:
                faults.append(str(error))
                continue
            self._number, self._parts = number, tree["parts"]
            self._grown = tree["grown"]
            return Kept(head=tree["head"], parts=parts, faults=tuple(faults))
        raise RunFolderError(
            f"{self._run}: a stopped run goes on from what it kept, but nothing of it is whole: {' '.join(faults)} "
            f"Train with {switch('overwrite')} to begin anew in this folder, or give another {setting('out')}."
        )

    def cut_back(self) -> None:
        """Cut the growing files back to the checkpoint that ``read`` returned."""
        for name, size in self._grown.items():
            os.truncate(self._run / name, size)

    def remove(self) -> None:
        """Take everything away; a file that is not one of these, and then the folder, is left."""
        if not self._folder.is_dir():
            return
        for file in self._folder.iterdir():
            if OWN.fullmatch(file.name):
                file.unlink()
        if not any(self._folder.iterdir()):
            self._folder.rmdir()

    def _heads(self) -> list[int]:
        files = self._folder.iterdir() if self._folder.is_dir() else ()
        return [int(match[1]) for match in (HEAD.fullmatch(file.name) for file in files) if match]

    def _refuse_short(self, grown: Mapping[str, int]) -> None:
        for name, size in grown.items():
            file = self._run / name
            present = file.stat().st_size if file.is_file() else 0
            if present < size:
                raise RunFolderError(f"{file}: it had {size:,} bytes when the run was kept, and has {present:,} now.")


def _flushed_size(path: Path) -> int:
    """Size of a file, all of which is on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        return file.seek(0, os.SEEK_END)
