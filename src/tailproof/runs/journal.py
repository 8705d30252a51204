"""The reporters of a run: the caller's own, and the two growing files of the run folder."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from tailproof.core.event_records import event_record, recorded_event
from tailproof.core.events import LogLine, Reporter, RunEvent, RunResumed
from tailproof.core.printable import printable
from tailproof.storage.manifest import LOG, METRICS
from tailproof.storage.readable import readable
from tailproof.storage.run_folder import RunFolder


class Journal:
    """Passes every event to a reporter, and writes training_log.txt and metrics.jsonl.

    Lines reported before the run has a folder wait, with their times, until ``open`` or ``resume`` names it.

    Args:
        reporter: the caller's own.
        verbose: whether details reach the reporter as lines that every screen shows.
    """

    def __init__(self, reporter: Reporter, *, verbose: bool = False) -> None:
        self._reporter = reporter
        self._verbose = verbose
        self._folder: RunFolder | None = None
        self._waiting: list[tuple[str, str]] = []

    def open(self, folder: RunFolder) -> None:
        """From now on write to a folder, waiting lines first."""
        self._folder = folder
        for name, line in self._waiting:
            folder.append_line(name, line)
        self._waiting.clear()

    def resume(self, folder: RunFolder) -> None:
        """From now on write to the folder of a stopped run, whose log already holds the waiting lines.

        The reporter receives the events in metrics.jsonl again, and then ``RunResumed``, so that it stands where it
                stood when the run was stopped.

        Raises:
            RunFolderError: metrics.jsonl holds what no run has written.
        """
        self._folder = folder
        self._waiting.clear()
        with readable(folder.path):
            lines = (folder.path / METRICS).read_text(encoding="utf-8").splitlines()
            events = [recorded_event(json.loads(line)) for line in lines]
        for event in events:
            self._reporter.emit(event)
        self._reporter.emit(RunResumed())

    def log(self, *lines: str | LogLine) -> None:
        """Report lines for people."""
        for each in lines:
            line = LogLine(text=each) if isinstance(each, str) else each
            self.emit(replace(line, text=printable(line.text)))

    def emit(self, event: RunEvent) -> None:
        """Write an event to the file that holds its kind, then tell the reporter."""
        if isinstance(event, LogLine):
            now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
            for part in event.text.splitlines() or [""]:
                self._write(LOG, f"{now} {part}".rstrip())
            if self._verbose and event.role == "detail":
                event = replace(event, role="text")
        elif (record := event_record(event)) is not None:
            self._write(METRICS, json.dumps(record, allow_nan=False))
        self._reporter.emit(event)

    def _write(self, name: str, line: str) -> None:
        if self._folder is None:
            self._waiting.append((name, line))
        else:
            self._folder.append_line(name, line)
