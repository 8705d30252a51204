"""A file that a command writes where its user named it: whole or not at all, and never over another one unasked."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tailproof.core.errors import ConfigError
from tailproof.core.surface import setting, switch
from tailproof.storage.atomic import flush_to_disk, temporary_beside
from tailproof.storage.manifest import enclosing_run


@dataclass(frozen=True, kw_only=True)
class OutFile:
    """A file that may be written; see ``out_file``."""

    path: Path
    overwrite: bool
    """Whether a file that is there is replaced; where it is a link, the file that it leads to."""
    option: str
    """The setting that named it, for messages."""

    @contextmanager
    def writing(self) -> Iterator[tuple[Path, BinaryIO]]:
        """A temporary file beside the final place, by its name and open; at the end it takes that place.

        Raises:
            ConfigError: a file was put there in the meantime, and may not be overwritten.
        """
        target = _real(self.path) if self.overwrite else self.path
        with temporary_beside(target) as (temporary, file):
            yield temporary, file
            flush_to_disk(file)
            if self.overwrite:
                temporary.replace(target)
                return
            try:
                os.link(temporary, self.path)  # unlike a rename, it never replaces
            except FileExistsError as error:
                raise _taken(self.path, self.option) from error
            except OSError:  # a file system without links
                if os.path.lexists(self.path):
                    raise _taken(self.path, self.option) from None
                temporary.replace(self.path)

    def write(self, content: bytes) -> None:
        """Write all of the file."""
        with self.writing() as (_, file):
            file.write(content)


def out_file(
    path: Path,
    *,
    overwrite: bool,
    inputs: Sequence[Path | None] = (),
    option: str = "out",
) -> OutFile:
    """Check that a file may be written, before any work is done, and make its folder.

    Args:
        path: where the user wants it.
        overwrite: whether a file that is there may be replaced.
        inputs: what the command reads: files, folders or patterns; no file of theirs is ever replaced.
        option: the setting that named the file, for messages.

    Raises:
        ConfigError: a folder or a device has the file's name, it would lie in a run folder, no file can be written to
            its folder, an input lies there, or another file and ``overwrite`` is False.
    """
    named = setting(option)
    if path.is_dir():
        raise ConfigError(f"{path}: {named} must name a file, but this is a folder. Name a file in it.")
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        raise ConfigError(f"{path}: {named} must name a file, but this is a device or a pipe. Name a file.")
    if (run := enclosing_run(path)) is not None:
        raise ConfigError(
            f"{path}: {named} would lie in the run folder {run}, which holds only a run's own files. "
            "Name a file in another folder."
        )
    for source in inputs:
        if source is not None and _is_read(path, source):
            raise ConfigError(
                f"{path}: {named} names what the command reads ({source}), and writing would destroy it. "
                "Name another file."
            )
    if os.path.lexists(path) and not overwrite:
        raise _taken(path, option)
    _make_folder(_real(path) if overwrite else path, option)
    return OutFile(path=path, overwrite=overwrite, option=option)


def _taken(path: Path, option: str) -> ConfigError:
    return ConfigError(
        f"{path}: a file is here. Give {setting(option)} another name, or {switch('overwrite')} to replace it."
    )


def _real(path: Path) -> Path:
    """The path without symbolic links; unlike ``Path.resolve`` also where they lead in a circle."""
    return Path(os.path.realpath(path))


def _is_read(path: Path, source: Path) -> bool:
    """Whether a path is an input, lies in an input's folder, or is one of the files that its pattern finds."""
    real = _real(path)  # a/../b is b, also where there is no a yet
    if not real.exists():
        return False
    if source.is_dir():
        return real.is_relative_to(_real(source))
    files = [source] if source.exists() else source.parent.glob(source.name)
    return any(file.exists() and real.samefile(file) for file in files)


def _make_folder(path: Path, option: str) -> None:
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{path}: the folder for {setting(option)} cannot be made ({error.strerror}: {error.filename}). "
            "Name another."
        ) from error
    if not os.access(folder, os.W_OK):
        raise ConfigError(f"{path}: the folder {folder} may not be written to. Give {setting(option)} another.")
