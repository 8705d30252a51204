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

from tailproof.storage.data_blocks import DataBlocks

LEDGER = "trials.jsonl"
STOPPED = "stopped"
"""Key in the result of a run that did not come to its end: what stopped it."""
RESUMED = "resumed"
"""Key in the result of a run that was stopped and gone on with: how often. Its stops are lines of their own, with the
same key: all of them are one trial."""
OUTCOME_DECIMALS = 6
"""Of results as shares of the largest one, and digits of that one, by which two trials are compared."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One run."""

    config: Mapping[str, Any]
    """Everything that decides the result; two runs with equal config on equal data are one trial."""
    data: str
    """Fingerprint of the bars, from ``fingerprint``."""
    result: Mapping[str, Any]
    """Verdict, rank IC and whatever else is worth keeping."""
    blocks: DataBlocks | None = None
    """Of the bars, by which they are known again with others added or dropped; None in lines of earlier versions."""
    period_sharpe: float | None = None
    """Sharpe ratio of the net results per period, not annualised; None without a backtest."""
    periods: tuple[str, ...] = ()
    """ISO dates of the periods (sessions, days), which may repeat; a time follows in lines of earlier versions."""
    net: tuple[float, ...] = ()
    """Net result of each period, in points of price per contract; in lines of earlier versions in money."""
    time: str = ""
    """When the run ended, ISO, UTC; set by ``append``."""
    run: str = ""
    """Name of the run's folder inside the project folder, which may be gone; empty in lines of earlier versions."""

    @property
    def key(self) -> str:
        """Equal for runs of the same config on the same data."""
        return hashlib.sha256(json.dumps([self.data, self.config], sort_keys=True).encode()).hexdigest()

    @property
    def by_date(self) -> dict[str, float]:
        """Net result of each date in points, in the order of time."""
        points = self.config.get("multiplier", 1.0)  # earlier versions kept it in the config, and net in money
        results: dict[str, float] = {}
        for period, net in zip(self.periods, self.net, strict=True):
            date = period[: len("2024-01-02")]
            results[date] = results.get(date, 0.0) + net / points
        return results

    @property
    def outcome(self) -> str:
        """Equal for trials with the same results on the same dates; the ``key`` where there are no results."""
        results = self.by_date
        if not results:
            return self.key
        net_S = np.array(list(results.values()))
        largest = float(np.abs(net_S).max()) or 1.0
        share_S = np.round(net_S / largest, OUTCOME_DECIMALS) + 0.0
        same = [list(results), share_S.tolist(), f"{largest:.{OUTCOME_DECIMALS}g}"]
        return hashlib.sha256(json.dumps(same).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What the file holds."""

    trials: tuple[Trial, ...]
    unreadable: tuple[int, ...]
    """Lines, counted from 1, that hold no trial (a run that died while writing); each still counts as one trial."""

    def beside(self, trial: Trial, time_N: np.ndarray, close_N: np.ndarray) -> tuple[Trial, ...]:
        """All other trials on the data of a trial, oldest first.

        Bars added or dropped at an end are the same data. Of runs with equal config on equal bars the latest is taken,
        and trials with the same results on the same dates are one.

        Args:
            trial: it is not among those that are returned, whether or not it has been appended.
            time_N: times of its bars (int64).
            close_N: closes of its bars.
        """
        agrees: dict[DataBlocks, bool] = {}
        latest: dict[str, Trial] = {}
        for other in self.trials:
            if other.data != trial.data:
                if other.blocks is None:
                    continue
                if other.blocks not in agrees:
                    agrees[other.blocks] = other.blocks.agree_with(time_N, close_N)
                if not agrees[other.blocks]:
                    continue
            latest[other.key] = other
        latest.pop(trial.key, None)
        distinct = {other.outcome: other for other in latest.values()}
        distinct.pop(trial.outcome, None)
        return tuple(distinct.values())


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
                if record.get("blocks") is not None:
                    record["blocks"] = DataBlocks.from_json(record["blocks"])
                trials.append(Trial(**record))
            except (ValueError, TypeError, KeyError):
                unreadable.append(number)
    return Ledger(trials=tuple(trials), unreadable=tuple(unreadable))


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
