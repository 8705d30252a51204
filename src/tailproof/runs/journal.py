"""What a run says: on the screen at once, and in training_log.txt as soon as the run has a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tailproof.storage.run_folder import LOG, METRICS, RunFolder


class Journal:
    """Lines for people and records for programs, kept until ``open`` names their folder."""

    def __init__(
        self, say: Callable[[str], None], show: Callable[[str, Mapping[str, Any]], None] | None = None
    ) -> None:
        """``say`` is given every line, ``show`` the kind and the values of every record."""
        self._say = say
        self._show = show
        self._folder: RunFolder | None = None
        self._waiting: list[tuple[str, str]] = []

    def open(self, folder: RunFolder) -> None:
        """From now on write to the folder, what was said before first."""
        self._folder = folder
        for name, line in self._waiting:
            folder.append_line(name, line)
        self._waiting.clear()

    def go_on(self, folder: RunFolder) -> None:
        """From now on write to the folder of a run that was stopped: what was said before is in its log already.

        Its records are told again, and "resumed" after them, so that what shows them stands where it would.
        """
        self._folder = folder
        self._waiting.clear()
        with (folder.path / METRICS).open(encoding="utf-8") as file:
            for line in file:
                record = json.loads(line)
                self.tell(record.pop("kind"), record)
        self.tell("resumed", {})

    def say(self, line: str = "") -> None:
        """Print a line and put it into the log with the time."""
        self._say(line)
        self.note(line)

    def say_all(self, *lines: str) -> None:
        """Print lines one by one and put each into the log."""
        for line in lines:
            self.say(line)

    def note(self, line: str) -> None:
        """Put a line into the log only."""
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        for part in line.splitlines() or [""]:
            self._write(LOG, f"{now} {part}".rstrip())

    def record(self, kind: str, values: Mapping[str, Any]) -> None:
        """Add a JSON record to metrics.jsonl."""
        self._write(METRICS, json.dumps({"kind": kind, **values}, allow_nan=False))
        self.tell(kind, values)

    def tell(self, kind: str, values: Mapping[str, Any]) -> None:
        """Show a record that is of this moment only, and in no file."""
        if self._show is not None:
            self._show(kind, values)

    def _write(self, name: str, line: str) -> None:
        if self._folder is None:
            self._waiting.append((name, line))
        else:
            self._folder.append_line(name, line)
