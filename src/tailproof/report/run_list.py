"""A folder of runs as a table: its runs and their verdicts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from tailproof.core.errors import ConfigError, RunFolderError, TailproofError
from tailproof.core.surface import setting
from tailproof.report.findings import findings, number
from tailproof.report.watch import held
from tailproof.storage.json_file import read_json
from tailproof.storage.manifest import MANIFEST, verify
from tailproof.storage.readable import readable

State = Literal["finished", "running", "stopped", "damaged", "deleted", "replaced", "unknown"]
"""``stopped``: neither a manifest nor a process. ``damaged``: the folder, or the line of the ledger, is not
what the run wrote. ``deleted``, ``replaced``: only the ledger knows of it, as its folder is gone or holds another run.
``unknown``: the ledger does not say which folder it was."""
TIME = "%Y-%m-%d %H:%M:%S.%f"
COLUMNS = ("name", "ended", "state", "verdict", "rank_ic", "skill", "rows", "data")
NUMBERS = ("rank_ic", "skill", "rows")


@dataclass(frozen=True, kw_only=True)
class RunLine:
    """One run of a folder; NaN where it has no verdict."""

    name: str
    ended: str
    """When it ended (UTC), to the microsecond, so that two runs of a minute keep their order; or empty."""
    state: State
    verdict: str
    rank_ic: float
    skill: float
    rows: int
    data: str
    fault: TailproofError | OSError | None = None
    """Why a folder, or a ledger with all its trials, could not be read; the others are listed all the same."""


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
    selected = [line for line in lines if all(test(line) for test in tests)]
    name = _column(sort)
    if name not in NUMBERS:
        return sorted(selected, key=lambda line: str(getattr(line, name)))
    return sorted(selected, key=lambda line: (math.isnan(getattr(line, name)), -getattr(line, name)))


def line_of_folder(path: Path, *, name: str) -> RunLine:
    """A run as its folder shows it; where that is not what the run wrote, no figure of it is shown."""
    try:
        with readable(path):
            return _line_of_folder(path, name=name)
    except RunFolderError:
        return damaged_line(name)
    except OSError as error:
        return damaged_line(name, fault=error)


def damaged_line(name: str, *, fault: TailproofError | OSError | None = None) -> RunLine:
    """What is listed of a run whose folder, or whose line of the ledger, has changed: its name alone."""
    nothing = findings({})
    return RunLine(
        name=name,
        ended="",
        state="damaged",
        verdict="",
        rank_ic=nothing.rank_ic.value,
        skill=nothing.skill_vs_constant.value,
        rows=0,
        data="",
        fault=fault,
    )


def _line_of_folder(path: Path, *, name: str) -> RunLine:
    manifest = path / MANIFEST
    ended = manifest.is_file()
    if ended:
        verify(path, only=("verdict.json", "training_config.json"))
    figures = findings(read_json(path / "verdict.json") if ended else {})
    config = read_json(path / "training_config.json")
    return RunLine(
        name=name,
        ended=datetime.fromtimestamp(manifest.stat().st_mtime, UTC).strftime(TIME) if ended else "",
        state="finished" if ended else "running" if held(path) else "stopped",
        verdict=figures.word,
        rank_ic=figures.rank_ic.value,
        skill=figures.skill_vs_constant.value,
        rows=figures.rows,
        data=str(config.get("data", "")),
    )


def line_of_trial(result: Mapping[str, Any], *, name: str, time: str, state: State) -> RunLine:
    """A run as the ledger remembers it.

    Args:
        result: what the ledger kept: verdict, rank IC, skill, rows, source.
        name: of its folder.
        time: when it ended, ISO; or empty.
        state: what became of the folder.
    """
    return RunLine(
        name=name,
        ended=datetime.fromisoformat(time).astimezone(UTC).strftime(TIME) if time else "",
        state=state,
        verdict=str(result.get("verdict", "")),
        rank_ic=number(result.get("rank_ic")),
        skill=number(result.get("skill_vs_constant")),
        rows=rows if isinstance(rows := result.get("rows"), int) else 0,
        data=str(result.get("source", "")),
    )


def _condition(text: str) -> Callable[[RunLine], bool]:
    for sign in ("=", ">", "<"):
        column, operator, value = text.partition(sign)
        if operator:
            break
    else:
        raise ConfigError(f"{setting('where')} must read column=text, column>number or column<number, got {text}.")
    name = _column(column)
    if sign == "=":
        return lambda line: value.strip().casefold() in str(getattr(line, name)).casefold()
    try:
        bound = float(value)
    except ValueError as error:
        raise ConfigError(f"{setting('where', text)}: a number must follow '{sign}', got '{value}'.") from error
    if name not in NUMBERS:
        raise ConfigError(
            f"{setting('where', text)}: {column.strip()} holds words, so only {column.strip()}=text can be asked."
        )
    return lambda line: (getattr(line, name) > bound) if sign == ">" else (getattr(line, name) < bound)


def _column(text: str) -> str:
    name = text.strip().replace("-", "_")
    if name not in COLUMNS:
        raise ConfigError(f"'{text.strip()}' is no column of runs. There are: {', '.join(COLUMNS).replace('_', '-')}.")
    return name
