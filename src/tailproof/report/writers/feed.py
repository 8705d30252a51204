"""Records on their way to a writer: training only puts them down, another thread carries them away in batches."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from tailproof.report.writers.curves import Curves, Outcome, Point, Writer

SECONDS_A_BATCH = 2.0
SECONDS_TO_END = 30.0
"""How long the end of a run waits for a writer that does not answer."""

Record = tuple[float, str, Mapping[str, Any]]


class Feed:
    """Feeds one writer. A writer that fails is told of once on standard error and left alone: the run goes on."""

    def __init__(self, writer: Writer, *, seconds: float = SECONDS_A_BATCH, patience: float = SECONDS_TO_END) -> None:
        self._writer = writer
        self._seconds = seconds
        self._patience = patience
        self._records: queue.SimpleQueue[Record] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._outcome: Outcome = "failed"
        self._fault: Exception | None = None
        self._told = False
        self._thread = threading.Thread(target=self._carry, name=f"tailproof {writer.name}", daemon=True)
        self._thread.start()

    def show(self, kind: str, values: Mapping[str, Any]) -> None:
        """Put a record down; never waits."""
        self._tell_fault()
        if kind != "progress" and self._fault is None:
            self._records.put((time.time(), kind, values))

    def close(self, outcome: Outcome) -> None:
        """Wait until everything is written, or until the writer has not answered for half a minute."""
        self._outcome = outcome
        self._ended.set()
        self._thread.join(self._patience)
        if self._thread.is_alive():
            self._fault = TimeoutError(f"no answer for {self._patience:g} s at the end of the run")
        self._tell_fault()

    def _tell_fault(self) -> None:
        if self._fault is not None and not self._told:
            self._told = True
            print(
                f"tailproof: {self._writer.name} failed ({type(self._fault).__name__}: {self._fault}). Its curves are "
                "cut off; the run goes on without it, and its folder holds every figure.",
                file=sys.stderr,
            )

    def _carry(self) -> None:
        try:
            self._write_until_the_end()
        except Exception as error:  # whatever another's package or server does, training is not its hostage
            self._fault = error

    def _write_until_the_end(self) -> None:
        curves, verdict, started = Curves(), None, False
        while True:
            last = self._ended.wait(self._seconds)
            points: list[Point] = []
            while not self._records.empty():
                moment, kind, values = self._records.get()
                if kind == "run":
                    self._writer.start(values)
                    started = True
                verdict = values if kind == "verdict" else verdict
                points += curves.points(kind, values, time=moment)
            if points:
                self._writer.write(points)
            if last:
                if started:
                    self._writer.finish(self._outcome, verdict)
                return
