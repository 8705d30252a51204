"""Events on their way to a writer: training only queues them, and another thread delivers them in batches."""

from __future__ import annotations

import queue
import sys
import threading
import time
from contextlib import suppress

from tailproof.core.events import LogLine, RunEvent, RunStarted, StepsDone, VerdictReached
from tailproof.core.printable import printable
from tailproof.report.writers.curves import Curves, Outcome, Point, Writer

SECONDS_A_BATCH = 2.0
SECONDS_TO_END = 30.0
"""How long the end of a run waits for a writer that does not answer."""
SECONDS_TO_INTERRUPT = 3.0
"""The same where the run was asked to end: whoever asked may not wait."""


class Feed:
    """The reporter that feeds one writer.

    A writer that fails is named once on standard error and then left alone: the run continues.
    """

    def __init__(self, writer: Writer, *, seconds: float = SECONDS_A_BATCH, patience: float = SECONDS_TO_END) -> None:
        self._writer = writer
        self._seconds = seconds
        self._patience = patience
        self._events: queue.SimpleQueue[tuple[float, RunEvent]] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._outcome: Outcome = "failed"
        self._fault: Exception | None = None
        self._fault_printed = False
        self._thread = threading.Thread(target=self._carry, name=f"tailproof {writer.name}", daemon=True)
        self._thread.start()

    def emit(self, event: RunEvent) -> None:
        """Queue an event; never waits."""
        self._print_fault()
        if self._fault is None and not isinstance(event, LogLine | StepsDone):
            self._events.put((time.time(), event))

    def close(self, outcome: Outcome) -> None:
        """Wait until everything is written, or until the writer has not answered for half a minute."""
        self._outcome = outcome
        self._ended.set()
        patience = min(self._patience, SECONDS_TO_INTERRUPT) if outcome == "interrupted" else self._patience
        self._thread.join(patience)
        if self._thread.is_alive():
            self._fault = TimeoutError(f"no answer for {patience:g} s at the end of the run")
        self._print_fault()

    def _print_fault(self) -> None:
        if self._fault is not None and not self._fault_printed:
            self._fault_printed = True
            reason = printable(f"{type(self._fault).__name__}: {self._fault}", allowed="")
            with suppress(OSError, ValueError):  # a screen that is gone is no reason to stop
                print(
                    f"tailproof: {self._writer.name} failed ({reason}). Its curves are cut off; the run continues "
                    "without it, and its folder holds every figure.",
                    file=sys.stderr,
                )

    def _carry(self) -> None:
        try:
            self._write_until_the_end()
        except Exception as error:  # no fault of another package or server may stop training
            self._fault = error

    def _write_until_the_end(self) -> None:
        curves, verdict, started = Curves(), None, False
        while True:
            last = self._ended.wait(self._seconds)
            points: list[Point] = []
            while not self._events.empty():
                moment, event = self._events.get()
                if isinstance(event, RunStarted):
                    self._writer.start(event)
                    started = True
                elif isinstance(event, VerdictReached):
                    verdict = event.verdict
                points += curves.points(event, time=moment)
            if points:
                self._writer.write(points)
            if last:
                if started:
                    self._writer.finish(self._outcome, verdict)
                return
