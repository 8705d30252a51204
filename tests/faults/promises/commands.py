"""Commands in processes of their own that begin at once: forked from one that has imported tailproof already."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults.promises import failing_calls

from tailproof import pipeline
from tailproof.cli import main
from tailproof.runs.pace import Pace

PRELOADED = (
    *(f"tailproof.cli.{name}" for name in ("judge", "merge", "predict", "report", "resample", "select", "train")),
    *("tailproof.engines.lanes", "tailproof.prediction", "tailproof.referee", "tailproof.report.run_page"),
    *("tailproof.report.run_markdown", "tailproof.report.screen", "tailproof.report.writers.open"),
    *("tailproof.selection.feature_study", "tailproof.audit.audit_bars", "cyclopts", "rich.table", "scipy.stats"),
)
"""What commands import late: imported once, and then no trial waits for it."""

SECONDS_UNTIL_HUNG = 120.0
EVERY_CHANCE = Pace(seconds_between=0.0, max_share=1e9, seconds_of_silence=1e9, seconds_per_call=1e-9)
"""A run is kept at every chance, one step a call."""
CHANGES = ("os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "open")
"""Audit events of calls that change a folder; ``open`` where it is for writing."""


@dataclass(frozen=True, kw_only=True)
class How:
    """What a command's process does before it begins."""

    often: bool = False
    """A training is kept at every chance."""
    killed_at: int | None = None
    """Number of the change to the file system, from 0, before which it kills itself."""
    failing: failing_calls.Failing | None = None
    """Calls of the system that fail."""
    prepare: Callable[[], None] | None = None
    """Is called first."""
    check: Callable[[], str | None] | None = None
    """Is called at the end, in the process itself; returns what is wrong."""


AS_IT_IS = How()


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    """Exit code; minus the number of the signal that killed it."""
    output: str
    seconds: float
    """From the last signal, or from the beginning."""
    changes: int
    """Changes to the file system that it made; 0 where it was killed."""
    failable: dict[str, int]
    """Calls that could have been made to fail, by kind; empty where it was killed."""
    wrong: str | None
    """What its check found."""

    @property
    def tail(self) -> str:
        """Exit code and last words."""
        return f"exit code {self.code}: {self.output[-400:]}"


class Command:
    """A tailproof command that has just begun."""

    def __init__(self, *arguments: str | Path, how: How = AS_IT_IS) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__, *PRELOADED])
        handle, name = tempfile.mkstemp(prefix="tailproof-output-")
        os.close(handle)
        self._output = Path(name)
        self._pipe, end = context.Pipe(duplex=False)
        self._process = context.Process(target=_run, args=(list(map(str, arguments)), name, end, how))
        with failing_calls.preloaded():
            self._process.start()
        end.close()
        self._pipe.recv()
        self._since = time.monotonic()

    def send(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        self._since = time.monotonic()
        assert self._process.pid is not None
        if self._process.is_alive():
            os.kill(self._process.pid, number)

    def wait(self) -> Ended:
        """Wait for its end; one that hangs is killed, and its exit code is that of the kill."""
        report: tuple[int, dict[str, int], str | None] = (0, {}, None)
        if self._pipe.poll(SECONDS_UNTIL_HUNG):
            with suppress(EOFError):  # it was killed
                report = self._pipe.recv()
        else:
            self._process.kill()
        self._process.join()
        seconds = time.monotonic() - self._since
        output = self._output.read_text(encoding="utf-8", errors="replace")
        self._output.unlink()
        self._pipe.close()
        assert self._process.exitcode is not None
        changes, failable, wrong = report
        return Ended(
            code=self._process.exitcode,
            output=output,
            seconds=seconds,
            changes=changes,
            failable=failable,
            wrong=wrong,
        )


def ended(*arguments: str | Path, how: How = AS_IT_IS) -> Ended:
    """A command from its beginning to its end."""
    return Command(*arguments, how=how).wait()


class _Changes:
    """Counts the changes to the file system, and kills the process before one of them."""

    def __init__(self, *, killed_at: int | None) -> None:
        self.count = 0
        self._killed_at = killed_at

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in CHANGES or (event == "open" and not _is_written(arguments[2])):
            return
        if self.count == self._killed_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1


def _is_written(flags: object) -> bool:
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))


def _run(arguments: list[str], output: str, pipe: Any, how: How) -> None:
    """The command's process, from the fork to its end."""
    if how.prepare is not None:
        how.prepare()
    _write_to(output)
    if how.often:
        pipeline.train = partial(pipeline.train, pace=EVERY_CHANCE)
    changes = _Changes(killed_at=how.killed_at)
    pipe.send(None)
    sys.addaudithook(changes.hook)
    failing_calls.arm(how.failing)
    code: int | str | None = 0
    try:
        main(arguments)
    except SystemExit as end:
        code = end.code
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
    failable = failing_calls.disarm()
    sys.stdout.flush()
    sys.stderr.flush()
    pipe.send((changes.count, failable, None if how.check is None else how.check()))
    os._exit(code if isinstance(code, int) else 1)


def _write_to(output: str) -> None:
    handle = os.open(output, os.O_WRONLY | os.O_APPEND)
    for place in (1, 2):
        os.dup2(handle, place)
    os.close(handle)
    sys.stdout, sys.stderr = (open(place, "w", encoding="utf-8", closefd=False) for place in (1, 2))  # noqa: SIM115
