"""A folder of runs as a table: which there are, what each says."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from tailproof.core.errors import ConfigError
from tailproof.report.findings import findings

UNFINISHED = "unfinished"
NUMBERS = ("rank_ic", "skill", "rows")


@dataclass(frozen=True, kw_only=True)
class RunLine:
    """One run of a folder; NaN where it has no verdict yet."""

    name: str
    ended: str
    """When its manifest was written (UTC), or empty."""
    verdict: str
    rank_ic: float
    skill: float
    rows: int
    data: str


def list_runs(folder: Path) -> list[RunLine]:
    """Every run inside a folder, at any depth, in order of its name; runs without a manifest are unfinished."""
    found = sorted(path.parent for path in folder.rglob("training_config.json"))
    return [_line(path, str(path.relative_to(folder))) for path in found]


def chosen(lines: Sequence[RunLine], *, sort: str, where: Sequence[str]) -> list[RunLine]:
    """The lines that hold every condition, sorted: numbers from high to low, words from A to Z.

    Args:
        lines: runs.
        sort: name of a column, such as ``rank-ic``.
        where: conditions ``column=text``, ``column>number`` or ``column<number``.

    Raises:
        ConfigError: a column is unknown or a condition cannot be read.
    """
    tests = [_condition(text) for text in where]
    kept = [line for line in lines if all(test(line) for test in tests)]
    name = _column(sort)
    if name not in NUMBERS:
        return sorted(kept, key=lambda line: str(getattr(line, name)))
    return sorted(kept, key=lambda line: (math.isnan(getattr(line, name)), -getattr(line, name)))


def _line(path: Path, name: str) -> RunLine:
    manifest, verdict = path / "manifest.json", path / "verdict.json"
    ended = manifest.is_file()
    time = datetime.fromtimestamp(manifest.stat().st_mtime, UTC).strftime("%Y-%m-%d %H:%M") if ended else ""
    found = findings(json.loads(verdict.read_text(encoding="utf-8")) if verdict.is_file() else {})
    config = json.loads((path / "training_config.json").read_text(encoding="utf-8"))
    return RunLine(
        name=name,
        ended=time,
        verdict=found.word if ended else UNFINISHED,
        rank_ic=found.rank_ic.value,
        skill=found.skill_vs_constant.value,
        rows=found.rows,
        data=str(config.get("data", "")),
    )


def _condition(text: str) -> Callable[[RunLine], bool]:
    for sign in ("=", ">", "<"):
        column, found, value = text.partition(sign)
        if found:
            break
    else:
        raise ConfigError(f"--where must read column=text, column>number or column<number, however: {text}.")
    name = _column(column)
    if sign == "=":
        return lambda line: value.strip().casefold() in str(getattr(line, name)).casefold()
    try:
        bound = float(value)
    except ValueError as error:
        raise ConfigError(f"--where {text}: a number must follow '{sign}', however: '{value}'.") from error
    if name not in NUMBERS:
        raise ConfigError(f"--where {text}: {column.strip()} holds words, so only {column.strip()}=text can be asked.")
    return lambda line: (getattr(line, name) > bound) if sign == ">" else (getattr(line, name) < bound)


def _column(text: str) -> str:
    name = text.strip().replace("-", "_")
    names = [field.name for field in fields(RunLine)]
    if name not in names:
        raise ConfigError(f"'{text.strip()}' is no column of runs. There are: {', '.join(names).replace('_', '-')}.")
    return name
