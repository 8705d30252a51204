"""Which files a user means: one file, a folder of them, or a pattern."""

from __future__ import annotations

import difflib
import glob
import os
import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from tailproof.bars.read.arrow_chunks import read_ipc_chunks, read_parquet_chunks
from tailproof.bars.read.blocks import BLOCK_BYTES
from tailproof.bars.read.byte_streams import unchanged
from tailproof.bars.read.csv_chunks import read_csv_chunks
from tailproof.bars.read.file_kinds import SUFFIXES, kind_of, kind_of_content, refuse_unknown
from tailproof.bars.read.json_tables import read_json_chunks
from tailproof.bars.read.raw_chunk import RawChunk
from tailproof.bars.read.table_plan import TablePlan
from tailproof.bars.read.utc_times import with_utc_times
from tailproof.core.errors import DataError
from tailproof.core.printable import breaks_lines, printable
from tailproof.settings.read_options import ReadOptions


@dataclass(frozen=True, kw_only=True)
class Source:
    """Files that are one series, in order."""

    name: str
    files: tuple[Path, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the files for messages; empty where there is only one."""
        if len(self.files) == 1:
            return ("",)
        if len({file.parent for file in self.files}) == 1:
            return tuple(file.name for file in self.files)
        root = Path(os.path.commonpath(self.files))
        return tuple(str(file.relative_to(root)) for file in self.files)


def find_source(path: Path, *, instrument: str | None = None) -> Source:
    """The files of ``path``, or only those named for ``instrument`` where some are: see ``files_at``.

    Raises:
        DataError: nothing is there, or nothing of a known type.
    """
    source = files_at(path)
    own = [file for file in source.files if instrument is not None and _is_named_for(file, path, instrument)]
    return replace(source, files=tuple(own)) if own else source


def _is_named_for(file: Path, root: Path, instrument: str) -> bool:
    """Whether a file or a folder below ``root`` is named AAPL, AAPL_2024 or symbol=AAPL."""
    below = file.relative_to(root) if file != root and file.is_relative_to(root) else Path(file.name)
    names = [part.rpartition("=")[2].lower() for part in below.parts]
    names[-1] = names[-1].split(".")[0]
    wanted = instrument.lower()
    return any(name == wanted or re.match(rf"{re.escape(wanted)}[-_. ]", name) for name in names)


def in_time_order(source: Source, *, options: ReadOptions, required: tuple[str, ...]) -> Source:
    """The source with its files in the order of their first times; as it is where one of them cannot be read."""
    if len(source.files) == 1:
        return source
    times = [_earliest(file, options=options, required=required) for file in source.files]
    if any(time is None for time in times):
        return source
    order = sorted(range(len(times)), key=lambda at: times[at] or 0)
    return replace(source, files=tuple(source.files[at] for at in order))


def _earliest(file: Path, *, options: ReadOptions, required: tuple[str, ...]) -> int | None:
    """The earliest time of a file's first rows, in nanoseconds; None where they cannot be read."""
    try:
        chunks = _read_file(file, options=options, required=required, label="", missing_marks=(), block_bytes=1 << 16)
        plan, chunk = next(chunks)
        chunks.close()
        timed = with_utc_times(chunk.frame, plan=plan, options=options, previous=None, file="")
    except (DataError, StopIteration):
        return None
    earliest = timed.frame["time"].cast(pl.Int64).min()
    return earliest if isinstance(earliest, int) else None


def files_at(path: Path) -> Source:
    """The bar files of ``path``, see ``_found_at``, whose names go into messages, logs and reports.

    Raises:
        DataError: nothing is there, nothing of a known type, or a name could break a line of the log.
    """
    _refuse_broken_lines(path)
    source = _found_at(path)
    for file in source.files:
        _refuse_broken_lines(file)
    return source


def _refuse_broken_lines(file: Path) -> None:
    if breaks_lines(str(file)):
        raise DataError(
            "names of files and folders must be text without line ends and control characters, got "
            f"{printable(str(file), allowed='')}. Rename it."
        )


def _found_at(path: Path) -> Source:
    """The files of ``path``: itself, the bar files inside a folder, or those that a pattern with * or ? finds.

    A name that exists is that file, whatever characters it holds: ``bars[1].csv`` is never taken for a pattern. Files
    are read in the order of their names, numbers inside the names by value.

    Raises:
        DataError: nothing is there, or nothing of a known type.
    """
    if path.is_dir():
        files = _bar_files(path.iterdir()) or _bar_files(filter(_is_shown_file, path.rglob("*")))
        if not files:
            raise DataError(f"{path}: this is a directory without bar files. Expected files of {SUFFIXES} inside it.")
        return Source(name=str(path), files=tuple(files))
    if path.exists():
        refuse_unknown(path)
        if not path.is_file():
            raise DataError(
                f"{path}: must be a file, which can be read again, but this is a device or a pipe. Write what it "
                "gives to a file."
            )
        return Source(name=str(path), files=(path,))
    if glob.has_magic(str(path)):
        files = sorted((Path(name) for name in glob.glob(str(path))), key=_by_number)  # noqa: PTH207 (pattern is absolute or not)
        files = [file for file in files if file.is_file() and kind_of(file) is not None]
        if files:
            return Source(name=str(path), files=tuple(files))
        raise DataError(f"{path}: no bar file matches this pattern ({SUFFIXES}).")
    if path.is_symlink():
        raise DataError(
            f"{path}: this symbolic link leads nowhere, or in a circle. Correct it, or name the file itself."
        )
    beside = _names_beside(path)
    near = [name for name in beside if name.casefold() == path.name.casefold()]
    near = near or difflib.get_close_matches(path.name, beside, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise DataError(f"{path}: no such file.{hint} Give the path of a bar file ({SUFFIXES}).")


def _bar_files(paths: Iterable[Path]) -> list[Path]:
    """Those of a known kind, in order; JSON beside files of other kinds describes them."""
    kinds = {path: kind for path in paths if (kind := kind_of(path)) is not None}
    described = set(kinds.values()) - {"json"}
    return sorted((path for path, kind in kinds.items() if kind in (described or {"json"})), key=_by_number)


def _is_shown_file(path: Path) -> bool:
    """Whether a path inside folders is a file, and none that is hidden as those that writers leave behind."""
    return path.is_file() and not path.name.startswith((".", "_"))


def read_source(
    source: Source, *, options: ReadOptions, required: tuple[str, ...], missing_marks: tuple[str, ...] = ()
) -> Iterator[tuple[TablePlan, RawChunk, int]]:
    """Chunks of all files in order, each with the number of its file.

    Raises:
        DataError: a file cannot be read, changed while it was read, or has other columns than the first.
    """
    first: TablePlan | None = None
    for number, (file, label) in enumerate(zip(source.files, source.labels, strict=True)):
        with unchanged(file):
            for plan, chunk in _read_file(
                file, options=options, required=required, label=label, missing_marks=missing_marks
            ):
                first = first or plan
                _refuse_other_columns(first, plan, file, source)
                yield plan, chunk, number


def _read_file(
    file: Path,
    *,
    options: ReadOptions,
    required: tuple[str, ...],
    label: str,
    missing_marks: tuple[str, ...],
    block_bytes: int = BLOCK_BYTES,
) -> Generator[tuple[TablePlan, RawChunk], None, None]:
    if file.stat().st_size == 0:
        raise DataError(f"{file}: the file is empty (0 bytes). Expected a header line and one bar per line below it.")
    match kind_of_content(file):
        case "parquet":
            return read_parquet_chunks(file, options=options, required=required, file=label)
        case "ipc":
            return read_ipc_chunks(file, options=options, required=required, file=label)
        case "json":
            return read_json_chunks(file, options=options, required=required, file=label)
        case _:
            return read_csv_chunks(
                file,
                options=options,
                required=required,
                file=label,
                missing_marks=missing_marks,
                block_bytes=block_bytes,
            )


def _refuse_other_columns(first: TablePlan, plan: TablePlan, file: Path, source: Source) -> None:
    if set(plan.kept) != set(first.kept):
        only_first, only_here = sorted(set(first.kept) - set(plan.kept)), sorted(set(plan.kept) - set(first.kept))
        raise DataError(
            f"{file}: its columns differ from those of {source.files[0].name}: missing here {only_first or 'none'}, "
            f"only here {only_here or 'none'}. Files of one series need the same columns."
        )


def _by_number(path: Path) -> list[tuple[int, int, str]]:
    """A sort key that puts ``bars2`` before ``bars10``."""
    parts = re.split(r"(\d+)", str(path))
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def _names_beside(path: Path) -> list[str]:
    return [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
