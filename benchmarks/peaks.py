"""Peak memory of this process while something runs, parted by who owns it."""

from __future__ import annotations

import threading
from pathlib import Path


class Peaks:
    """The largest RssAnon and RssFile seen (MB), from /proc/self/status a hundred times a second.

    RssAnon is memory that the process owns, RssFile are pages of mapped files, which the system takes back when it
    needs them.
    """

    def __init__(self) -> None:
        self.anonymous = self.file = 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peaks:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()

    def _watch(self) -> None:
        while not self.stop.wait(0.01):
            lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
            self.anonymous = max(self.anonymous, int(lines["RssAnon"].split()[0]) // 1024)
            self.file = max(self.file, int(lines["RssFile"].split()[0]) // 1024)
