"""A run read back from its folder: everything that the report shows comes from these files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tailproof.arrays.times import DAY_NS, as_datetimes
from tailproof.core.errors import RunFolderError
from tailproof.core.printable import printable
from tailproof.storage.json_file import read_json
from tailproof.storage.manifest import LOG
from tailproof.storage.readable import rows_of_run

STAMP = len("2026-01-31 12:00:00")
NEEDED = ("training_config.json", "verdict.json", "metrics.jsonl", "predictions.parquet")


@dataclass(frozen=True, kw_only=True)
class RecordedForecasts:
    """The rows of predictions.parquet of one part, in time order."""

    prediction_N: np.ndarray
    target_N: np.ndarray
    return_N: np.ndarray
    known_at_N: np.ndarray
    session_N: np.ndarray
    fold_N: np.ndarray
    """Number of the fold that forecast each row; all zero where the run wrote none."""

    def __len__(self) -> int:
        return len(self.prediction_N)

    @cached_property
    def daily(self) -> bool:
        """Whether rows are a day or more apart, so that the hour says nothing."""
        return len(self) > 1 and float(np.median(np.diff(self.known_at_N))) >= 0.8 * DAY_NS

    @cached_property
    def cluster_N(self) -> np.ndarray:
        """Rows that may move together, numbered from 0: a session's, or a calendar month's where bars are daily."""
        cluster_N = months(self.known_at_N) if self.daily else self.session_N
        return np.unique(cluster_N, return_inverse=True)[1]


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """The files of a run as plain values; a file that an older run did not write is empty."""

    path: Path
    name: str
    """Name of the run, by default the folder's."""
    config: dict[str, Any]
    verdict: dict[str, Any]
    start: tuple[dict[str, Any], ...]
    """The record of the shipped members before their first step; none of a run of another kind of model."""
    epochs: tuple[dict[str, Any], ...]
    """Interval records of the shipped members, as the next two fields; other folds' members are left out."""
    intervals: tuple[dict[str, Any], ...]
    guards: tuple[dict[str, Any], ...]
    forecasts: dict[str, RecordedForecasts]
    statistics: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    """report_data.json: counts made while the bars were in memory."""
    quality: dict[str, Any] = field(default_factory=dict)
    """data_quality.json: findings of reading the bars; empty where they came from memory."""
    logged: tuple[datetime, datetime] | None = None
    """Times (UTC) of the first and the last line of the log."""

    @property
    def test(self) -> RecordedForecasts:
        """The rows that the verdict is about."""
        return self.forecasts["test"]

    @property
    def settings(self) -> dict[str, Any]:
        """Option names and values."""
        return dict(self.config.get("settings", {}))


def read_run(path: Path, *, name: str | None = None) -> RunRecord:
    """Read a finished run; its name is that of its folder where no other is given.

    Texts are made harmless: names in them come from files and folders that somebody else may have written.

    Raises:
        RunFolderError: a file that the report needs is missing or cannot be read (all are named).
    """
    missing = [name for name in NEEDED if not (path / name).is_file()]
    if missing:
        raise RunFolderError(
            f"{path}: a report needs the files of a finished run, but these are missing: {', '.join(missing)}. "
            "Give the folder of a run that has ended."
        )
    records = _of_shipped(metrics_records(path))
    return RunRecord(
        path=path,
        name=printable(name or path.resolve().name, allowed=""),
        config=_harmless(read_json(path / "training_config.json")),
        verdict=_harmless(read_json(path / "verdict.json")),
        start=_harmless(_of_kind(records, "start")),
        epochs=_of_kind(records, "epoch"),
        intervals=_of_kind(records, "interval"),
        guards=_harmless(_of_kind(records, "guard")),
        forecasts=_forecasts(path / "predictions.parquet"),
        statistics=_harmless(read_json(path / "feature_statistics.json", optional=True)),
        facts=_harmless(read_json(path / "report_data.json", optional=True)),
        quality=_harmless(read_json(path / "data_quality.json", optional=True)),
        logged=_logged(path / LOG),
    )


def run_names(runs: Sequence[RunRecord]) -> list[str]:
    """Folder names, or whole paths where two are equal."""
    names = [run.name for run in runs]
    paths = [printable(str(run.path), allowed="") for run in runs]
    return [name if names.count(name) == 1 else path for name, path in zip(names, paths, strict=True)]


def _harmless(value: Any) -> Any:
    """A value of JSON in whose texts, keys included, nothing steers a terminal or turns a line around."""
    match value:
        case str():
            return printable(value)
        case dict():
            return {printable(key): _harmless(each) for key, each in value.items()}
        case list():
            return [_harmless(each) for each in value]
        case tuple():
            return tuple(_harmless(each) for each in value)
    return value


def months(known_at_N: np.ndarray) -> np.ndarray:
    """Calendar months since 1970, UTC, of nanoseconds.

    >>> months(np.array([0, 40 * DAY_NS])).tolist()
    [0, 1]
    """
    return as_datetimes(known_at_N).astype("datetime64[M]").astype(np.int64)


def _logged(path: Path) -> tuple[datetime, datetime] | None:
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    try:
        first, last = (datetime.strptime(lines[at][:STAMP], "%Y-%m-%d %H:%M:%S") for at in (0, -1))
    except (ValueError, IndexError):
        return None
    return first, last


def metrics_records(folder: Path) -> list[dict[str, Any]]:
    """The lines of a run's metrics.jsonl.

    Raises:
        RunFolderError: one of them is no JSON.
    """
    path = folder / "metrics.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    try:
        return [json.loads(line) for line in lines]
    except ValueError as error:
        raise RunFolderError(f"{path}: every line must be a JSON object ({error}). Restore the file.") from error


def _of_shipped(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fold 0 is the window of the shipped members; a run that was judged on one fold ships that one."""
    folds = {record["fold"] for record in records if "fold" in record}
    shipped = 0 if 0 in folds else max(folds, default=0)
    return [record for record in records if record.get("fold") == shipped]


def _of_kind(records: list[dict[str, Any]], kind: str) -> tuple[dict[str, Any], ...]:
    return tuple(record for record in records if record.get("kind") == kind)


def _forecasts(path: Path) -> dict[str, RecordedForecasts]:
    columns = ["part", "known_at", "session", "prediction", "target", "forward_return"]
    try:
        lazy = rows_of_run(path)
        known = lazy.collect_schema().names()
        frame = lazy.select(*columns, pl.col("fold") if "fold" in known else pl.lit(0).alias("fold")).collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise RunFolderError(f"{path}: not readable as forecasts ({error}). Restore the file.") from error
    parts = {str(part[0]): rows for part, rows in frame.group_by("part", maintain_order=True)}
    if "test" not in parts:
        raise RunFolderError(f"{path}: must hold rows of the part 'test', but it holds {sorted(parts)}.")
    return {part: _arrays(rows.sort("known_at", maintain_order=True)) for part, rows in parts.items()}


def _arrays(rows: pl.DataFrame) -> RecordedForecasts:
    return RecordedForecasts(
        prediction_N=rows["prediction"].to_numpy(),
        target_N=rows["target"].to_numpy(),
        return_N=rows["forward_return"].to_numpy(),
        known_at_N=rows["known_at"].dt.cast_time_unit("ns").to_physical().to_numpy(),
        session_N=rows["session"].to_numpy(),
        fold_N=rows["fold"].to_numpy(),
    )
