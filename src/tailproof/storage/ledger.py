"""trials.jsonl: every run in a project folder, whatever its result, because the best of many tries looks good."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from tailproof.core.errors import RunFolderError
from tailproof.core.printable import printable
from tailproof.storage.data_sample import SampledBars
from tailproof.storage.json_file import SUM, read_json
from tailproof.storage.manifest import MANIFEST, TRIAL
from tailproof.storage.trial import Trial as Trial
from tailproof.storage.trial_record import recorded_trial, trial_record

LEDGER = "trials.jsonl"
STOPPED = "stopped"
"""Key in the result of an unfinished run, holding what stopped it."""
RESUMED = "resumed"
"""Key in the result of a run that was stopped and gone on with: how often. Its stops are lines of their own, with the
same key: all of them are one trial."""
MAX_BYTES = 1 << 31
"""2 GiB: tens of thousands of trials. A ledger is read as a whole."""
NO_TRIAL = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
"""Errors that a line leads to which holds no trial."""


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """The content of the file."""

    trials: tuple[Trial, ...]
    unreadable: tuple[int, ...]
    """Lines, counted from 1, that hold no trial (a run that died while writing); each still counts as one trial."""

    def beside(self, trial: Trial, time_N: np.ndarray, close_N: np.ndarray) -> tuple[Trial, ...]:
        """All other trials on the data of a trial, oldest first.

        Bars added or dropped at an end, a piece cut out, or prices adjusted anew are the same data. Of runs with equal
        config on equal bars the latest is taken, and trials with the same results on the same dates are one.

        Args:
            trial: it is not among those that are returned, whether or not it has been appended.
            time_N: times of its bars (int64 nanoseconds).
            close_N: closes of its bars.
        """
        bars = SampledBars(time_N, close_N)
        same = {trial.data: True}
        latest: dict[str, Trial] = {}
        for other in self.trials:
            if not same.get(other.data):
                same[other.data] = (
                    bars.agree_with(other.sample)
                    if other.sample is not None
                    else other.blocks is not None and other.blocks.agree_with(time_N, close_N)
                )
            if same[other.data]:
                latest[other.key] = other
        latest.pop(trial.key, None)
        distinct = {other.outcome: other for other in latest.values()}
        distinct.pop(trial.outcome, None)
        return tuple(distinct.values())


def append(folder: Path, trial: Trial) -> None:
    """Add a trial to the ledger of a project folder, safe against other runs doing the same at the same moment.

    The line is written at once and flushed to the disk; earlier lines are never touched. Finished runs that a kill has
    kept from it get their lines too, see ``read``.
    """
    _append_records(folder, [trial_record(trial if trial.time else stamped(trial))])


def settle(folder: Path) -> None:
    """Give every finished run of a project folder its line, where a kill has kept it from that."""
    _append_records(folder, [])


def stamped(trial: Trial) -> Trial:
    """The trial with the time of this moment."""
    return replace(trial, time=datetime.now(UTC).isoformat(timespec="microseconds"))


def _append_records(folder: Path, records: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LEDGER
    with FileLock(_lock(folder)):
        listed = _content(path).decode(errors="replace")
        new = {record[SUM]: record for record in (*_unlisted(folder), *records) if record[SUM] not in listed}
        content = b"".join(json.dumps(record).encode() + b"\n" for record in new.values())
        if not content:
            return
        with path.open("ab") as file:
            if file.tell() > 0 and not _ends_a_line(path):
                content = b"\n" + content
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def read(folder: Path) -> Ledger:
    """All trials of a project folder; empty where there is no ledger yet.

    A run is finished when its manifest is there, and its line follows: of a run that was killed between the two, the
    trial is read from its folder.

    Raises:
        RunFolderError: what is there is no file, or leads nowhere.
        OSError: it cannot be read.
    """
    trials, unreadable = [], []
    for number, line in enumerate(_content(folder / LEDGER).splitlines(), start=1):
        if line.strip():
            try:
                trials.append(recorded_trial(json.loads(line)))
            except NO_TRIAL:
                unreadable.append(number)
    trials += [recorded_trial(record) for record in _unlisted(folder)]
    return Ledger(trials=tuple(trials), unreadable=tuple(unreadable))


def refuse_unusable(folder: Path) -> None:
    """Raise RunFolderError or OSError where the trials of a project folder cannot be read, or none could be added."""
    path, lock = folder / LEDGER, _lock(folder)
    _content(path)
    if lock.is_symlink() or (lock.exists() and not lock.is_file()):
        raise RunFolderError(
            f"{lock}: the lock of the list of trials must be a file of its own, but this is a link, a folder, a device "
            "or a pipe. Move it away, or keep the run in another project folder."
        )
    for file in (path, lock):
        if file.exists() and not os.access(file, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))


def _lock(folder: Path) -> Path:
    return (folder / LEDGER).with_suffix(".lock")


def _content(path: Path) -> bytes:
    """All of a ledger; nothing where there is none yet."""
    named = printable(str(path), allowed="")
    try:
        status = path.stat()
    except OSError as error:
        if path.is_symlink():  # such as to a disk that is not mounted: its trials must not go uncounted
            raise RunFolderError(
                f"{named}: the list of trials is a symbolic link that leads nowhere, or in a circle. Bring back what "
                "it led to, or move the link away."
            ) from error
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return b""
        raise
    if not stat.S_ISREG(status.st_mode):  # a device or a pipe may never end
        raise RunFolderError(
            f"{named}: the list of trials must be a file, but this is a folder, a device or a pipe. Move it away, or "
            "keep the run in another project folder."
        )
    if status.st_size > MAX_BYTES:
        raise RunFolderError(
            f"{named}: the list of trials must have at most {MAX_BYTES:,} bytes, got {status.st_size:,}. Restore it, "
            "or keep the run in another project folder."
        )
    return path.read_bytes()


def _unlisted(folder: Path) -> list[dict[str, Any]]:
    """Records of finished runs of the project whose line the ledger lacks."""
    listed = _content(folder / LEDGER).decode(errors="replace")
    trials = []
    for file in sorted(folder.glob(f"*/{TRIAL}")) if folder.is_dir() else ():
        if not (file.parent / MANIFEST).is_file():
            continue
        try:
            record = read_json(file)
            if recorded_trial(record).run == file.parent.name and record[SUM] not in listed:
                trials.append(record)
        except (RunFolderError, *NO_TRIAL):
            continue  # only folders that match their manifest are trials; ``verify`` names the others
    return trials


def shared_results(trial: Trial, others: tuple[Trial, ...]) -> tuple[np.ndarray, int]:
    """Net results on the dates that trials share, and how many trials are left out because they share too few.

    The dates are those of ``trial``, at least half of them; others join in the order of how many dates they share, as
    long as that many stay. Trials without results are no part of it.

    Returns:
        Dates (rows) in order and trials (columns), ``trial`` last; the number of trials that were left out.

    >>> first = Trial(config={"a": 1}, data="x", result={}, periods=("2024-01-02", "2024-01-03"), net=(1.0, 2.0))
    >>> second = Trial(config={"a": 2}, data="x", result={}, periods=("2024-01-03", "2024-01-04"), net=(3.0, 4.0))
    >>> shared_results(second, (first,))[0].tolist()
    [[2.0, 3.0]]
    """
    own = trial.by_date
    if not own:
        return np.empty((0, 0)), 0
    columns = [results for other in others if (results := other.by_date)]
    dates, joined, left_out = set(own), [], 0
    for results in sorted(columns, key=lambda results: len(results.keys() & own), reverse=True):
        shared = dates & results.keys()
        if 2 * len(shared) < len(own):
            left_out += 1
        else:
            dates = shared
            joined.append(results)
    table = [[results[date] for results in (*joined, own)] for date in sorted(dates)]
    return np.array(table), left_out


def fingerprint(*arrays: np.ndarray) -> str:
    """SHA-256 of the arrays' shapes, types and contents: equal data give equal fingerprints.

    >>> fingerprint(np.arange(3.0)) == fingerprint(np.arange(3.0)) != fingerprint(np.arange(3))
    True
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.shape} {array.dtype.str}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
