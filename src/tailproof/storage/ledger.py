"""trials.jsonl: every run in a project folder, whatever came of it, because the best of many tries looks good."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

LEDGER = "trials.jsonl"
STOPPED = "stopped"
"""Key in the result of a run that did not come to its end: what stopped it."""
RESUMED = "resumed"
"""Key in the result of a run that was stopped and gone on with: how often. Its stops are lines of their own, with the
same key: all of them are one trial."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One run."""

    config: Mapping[str, Any]
    """Everything that decides the result; two runs with equal config on equal data are one trial."""
    data: str
    """Fingerprint of the bars, from ``fingerprint``."""
    result: Mapping[str, Any]
    """Verdict, rank IC and whatever else is worth keeping."""
    period_sharpe: float | None = None
    """Sharpe ratio of the net results per period, not annualised; None without a backtest."""
    periods: tuple[str, ...] = ()
    """ISO dates of the periods (sessions, days)."""
    net: tuple[float, ...] = ()
    """Net result of each period."""
    time: str = ""
    """When the run ended, ISO, UTC; set by ``append``."""
    run: str = ""
    """Name of the run's folder inside the project folder, which may be gone; empty in lines of earlier versions."""

    @property
    def key(self) -> str:
        """Equal for runs of the same config on the same data."""
        return hashlib.sha256(json.dumps([self.data, self.config], sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What the file holds."""

    trials: tuple[Trial, ...]
    unreadable: tuple[int, ...]
    """Lines, counted from 1, that hold no trial (a run that died while writing); each still counts as one trial."""

    def on(self, data: str) -> tuple[Trial, ...]:
        """The latest run of every distinct config on the data with this fingerprint, oldest first."""
        latest = {trial.key: trial for trial in self.trials if trial.data == data}
        return tuple(latest.values())

    def count(self, trial: Trial) -> int:
        """Distinct trials on the trial's data, itself included whether or not it has been appended."""
        return len({trial.key, *(other.key for other in self.on(trial.data))}) + len(self.unreadable)


def append(folder: Path, trial: Trial) -> None:
    """Add a trial to the ledger of a project folder, safe against other runs doing the same at the same moment.

    The line is written at once and flushed to the disk; earlier lines are never touched.
    """
    record = asdict(trial) | {"time": datetime.now(UTC).isoformat(timespec="seconds")}
    line = json.dumps(record, allow_nan=False).encode() + b"\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LEDGER
    with FileLock(path.with_suffix(".lock")), path.open("ab") as file:
        if file.tell() > 0 and not _ends_a_line(path):
            line = b"\n" + line
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def read(folder: Path) -> Ledger:
    """All trials of a project folder; empty where there is no ledger yet."""
    path = folder / LEDGER
    if not path.exists():
        return Ledger(trials=(), unreadable=())
    trials, unreadable = [], []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if line.strip():
            try:
                record = json.loads(line)
                record |= {"periods": tuple(record["periods"]), "net": tuple(record["net"])}
                trials.append(Trial(**record))
            except (ValueError, TypeError, KeyError):
                unreadable.append(number)
    return Ledger(trials=tuple(trials), unreadable=tuple(unreadable))


def shared_results(trials: tuple[Trial, ...]) -> np.ndarray:
    """Net results of the periods that all trials with results share: periods (rows) in order, trials (columns).

    >>> first = Trial(config={"a": 1}, data="x", result={}, periods=("2024-01-02", "2024-01-03"), net=(1.0, 2.0))
    >>> second = Trial(config={"a": 2}, data="x", result={}, periods=("2024-01-03", "2024-01-04"), net=(3.0, 4.0))
    >>> shared_results((first, second)).tolist()
    [[2.0, 3.0]]
    """
    by_period = [dict(zip(trial.periods, trial.net, strict=True)) for trial in trials if trial.periods]
    if not by_period:
        return np.empty((0, 0))
    shared = sorted(set.intersection(*(set(results) for results in by_period)))
    return np.array([[results[period] for results in by_period] for period in shared]).reshape(-1, len(by_period))


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
