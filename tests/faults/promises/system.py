"""Faults of the system at each step of a training, and names that would steer a terminal."""

from __future__ import annotations

import errno
import io
import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from rich.console import Console
from tests.faults.promises.ground import SETTINGS, Ground, Promise, Trial

from tailproof import pipeline
from tailproof.bars.load import load
from tailproof.cli.system_errors import system_message
from tailproof.core.errors import TailproofError
from tailproof.report import SILENT
from tailproof.report.run_list import RunLine
from tailproof.report.run_table import show
from tailproof.runs.journal import Journal
from tailproof.settings.read_options import ReadOptions
from tailproof.storage import RunFolder, verify

CALLS = ("fsync", "replace", "open", "truncate", "unlink", "mkdir")
NUMBERS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.EDQUOT, errno.EMFILE)


def call_trials(ground: Ground) -> Iterator[Trial]:
    """One kind of system call fails from a random one on while a run trains."""
    bars = load(ground.bars, ReadOptions()).bars
    number = 0
    while True:
        number += 1
        yield partial(
            _failing_call,
            bars,
            ground.folder / "failing" / str(number),
            CALLS[number % 2] if number % 3 else ground.chance.choice(CALLS),
            ground.chance.choice(NUMBERS),
            ground.chance.randrange(25),
        )


def _failing_call(bars: Any, project: Path, call: str, number: int, place: int) -> str | None:
    project.mkdir(parents=True)
    what = f"{call} fails with {errno.errorcode[number]} from call {place} on"
    try:
        with mock.patch.object(os, call, _failing(getattr(os, call), number, place)):
            pipeline.train_on_bars(bars, settings=SETTINGS, out=project / "run", reporter=SILENT)
    except TailproofError:
        pass
    except Exception as error:
        if system_message(error) is None:
            return f"{what}: {type(error).__name__}: {error}"
    run = project / "run"
    if (run / "manifest.json").is_file():
        verify(run)
    else:
        pipeline.train_on_bars(bars, settings=SETTINGS, out=run, reporter=SILENT, overwrite=True)
        verify(run)
    rubbish = [file.name for file in project.rglob("*.part")]
    shutil.rmtree(project)
    return f"{what}: {rubbish} is left" if rubbish and call != "unlink" else None


def _failing(original: Callable[..., Any], number: int, place: int) -> Callable[..., Any]:
    calls = 0

    def call(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > place:
            raise OSError(number, os.strerror(number), str(arguments[0]) if arguments else None)
        return original(*arguments, **named)

    return call


def name_trials(ground: Ground) -> Iterator[Trial]:
    """A name of random characters is logged and listed."""
    folder = RunFolder.create(ground.folder / "names")
    journal = Journal(SILENT)
    journal.open(folder)
    while True:
        characters = [chr(ground.chance.choice((27, 10, 13, 7, 0x9B, 0x202E, 0x85, 60, 65, 0x1F600))) for _ in range(8)]
        yield partial(_hostile_name, journal, folder.path / "training_log.txt", "".join(characters))


def _hostile_name(journal: Journal, log: Path, name: str) -> str | None:
    before = log.stat().st_size if log.exists() else 0
    journal.log(f"Data: {name}")
    logged = log.read_bytes()[before:].decode()
    out = io.StringIO()
    line = RunLine(name=name, ended="", state="finished", verdict="", rank_ic=0.0, skill=0.0, rows=1, data=name)
    show([line], of=1, console=Console(file=out, force_terminal=False))
    for text in (logged, out.getvalue()):
        if any(not character.isprintable() for character in text if character not in "\n\t"):
            return f"{name!r} reached the screen or the log as it is"
    return None if len(out.getvalue().splitlines()) == 2 else f"{name!r} made a line of its own"


PROMISES = (
    Promise(
        text="a system call that fails while a run trains: one message, no finished run that is not whole, no rubbish",
        count=100,
        trials=call_trials,
    ),
    Promise(
        text="control characters in names reach neither the log nor the list of runs", count=200, trials=name_trials
    ),
)
