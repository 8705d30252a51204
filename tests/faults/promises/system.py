"""Calls of the system that fail at each step of a command."""

from __future__ import annotations

import errno
import itertools
import shutil
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from tests.faults.promises import failing_calls
from tests.faults.promises.commands import How, ended
from tests.faults.promises.failing_calls import Failing
from tests.faults.promises.ground import OPTIONS, SMALL, Ground, Promise, Trial

from tailproof.core.errors import TailproofError
from tailproof.storage import verify

NUMBERS = (errno.ENOSPC, errno.EIO, errno.EACCES)


def call_trials(ground: Ground) -> Iterator[Trial]:
    """One call of the system fails in a command, or all of its kind from one on: at each kind, error and place."""
    if failing_calls.library() is None:
        sys.exit("calls that fail need Linux and a C compiler (cc)")
    commands: dict[str, list[str | Path]] = {
        "train": ["train", ground.bars, "--out", "{}/new", *OPTIONS],
        "train --overwrite": ["train", ground.bars, "--out", "{}/run", *OPTIONS, "--overwrite"],
        "report": ["report", "{}/run"],
        "predict": ["predict", "{}/run", ground.bars, "--out", "{}/out.csv"],
        "resample": ["resample", ground.bars, "--to", "5min", "--out", "{}/out.csv"],
        "select": ["select", ground.bars, "--out", "{}/out", "--no-population", "--study-folds", "2", *SMALL],
    }
    calls = {name: _calls(ground, arguments) for name, arguments in commands.items()}
    kinds = itertools.cycle(itertools.product(failing_calls.KINDS, NUMBERS))
    names = itertools.cycle(("train", "report", "train", "predict", "train --overwrite", "resample", "train", "select"))
    for number in itertools.count():
        name, (kind, error) = next(names), next(kinds)
        if not calls[name].get(kind):
            name = "train"
        failing = Failing(
            kind=kind, number=error, first=ground.chance.randrange(calls[name][kind]), once=ground.chance.random() < 0.5
        )
        yield partial(_failing_call, ground, ground.folder / "failing" / str(number), name, commands[name], failing)


def _calls(ground: Ground, arguments: Sequence[str | Path]) -> dict[str, int]:
    """How many calls of each kind a command makes."""
    folder = ground.folder / "calls"
    shutil.copytree(ground.run, folder / "run")
    end = ended(*_in(folder, arguments))
    assert end.code == 0, end.tail
    shutil.rmtree(folder)
    return end.failable


def _in(folder: Path, arguments: Sequence[str | Path]) -> list[str]:
    return [str(argument).replace("{}", str(folder)) for argument in arguments]


def _failing_call(
    ground: Ground, folder: Path, name: str, arguments: Sequence[str | Path], failing: Failing
) -> str | None:
    shutil.copytree(ground.run, folder / "run")
    which = "call" if failing.once else "calls from"
    what = f"{name}, {failing.kind} {which} {failing.first} {errno.errorcode[failing.number]}"
    end = ended(*_in(folder, arguments), how=How(failing=failing))
    fault = None
    if end.code not in (0, 2, 3) or "Traceback" in end.output:
        fault = end.tail
    elif end.code and sum(line.startswith("tailproof: ") for line in end.output.splitlines()) != 1:
        fault = f"not one message: {end.tail}"
    for run in (folder / "run", folder / "new"):
        if fault is None and (run / "manifest.json").is_file():
            try:
                verify(run)
            except TailproofError as error:
                fault = str(error)
    rubbish = [file.name for file in folder.rglob("*.part")]
    if fault is None and rubbish:
        fault = f"{rubbish} is left"
    if fault is None and name == "train" and end.code:
        again = ended(*_in(folder, arguments), "--overwrite")
        fault = again.tail if again.code else None
    shutil.rmtree(folder)
    return None if fault is None else f"{what}: {fault}"


PROMISES = (
    Promise(
        text="a system call that fails (ENOSPC, EIO or EACCES at open, write, fsync, rename, ftruncate): one message, "
        "no finished run that is not whole, no rubbish",
        count=240,
        trials=call_trials,
    ),
)
