"""Peak memory of reading a CSV file of any length into the store, and whether every row is accounted for.

    python benchmarks/bars_stream.py FILE.csv [RESULT.txt]

The file is made by ``tailproof simulate --rows 50000000 --out FILE.csv``. A thread reads /proc/self/status a hundred
times a second: RssAnon is memory that the process owns, RssFile are pages of mapped files, which the system takes back
when it needs them.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa

BOUND_MB = 1000


class Peaks:
    """The largest RssAnon and RssFile seen."""

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


def count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 24), b""))


def measure(path: Path) -> list[str]:
    from tailproof.bars.load import load
    from tailproof.bars.settings import ReadSettings

    lines = count_lines(path)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["TAILPROOF_CACHE"] = cache
        with Peaks() as reading:
            start = time.perf_counter()
            loaded = load(path, ReadSettings(store="always"))
            read_seconds = time.perf_counter() - start
        report = loaded.report
        assert report.rows_read == lines - 1 == report.rows_kept + report.rows_set_aside == len(loaded.bars)
        del loaded
        with Peaks() as again:
            start = time.perf_counter()
            stored = load(path, ReadSettings(store="always"))
            store_seconds = time.perf_counter() - start
        assert len(stored.bars) == report.rows_kept
        size = sum(file.stat().st_size for file in Path(cache).rglob("*.arrow"))
    assert reading.anonymous < BOUND_MB, f"{reading.anonymous} MB of {BOUND_MB} MB"
    return [
        f"{path.name}: {path.stat().st_size / 1e6:,.0f} MB, {lines - 1:,} rows by its line ends",
        report.accounting(),
        f"CSV to stored, validated bars: {read_seconds:.1f} s ({lines / read_seconds / 1e6:.2f} million rows a second)",
        f"  peak RssAnon {reading.anonymous:,} MB (bound {BOUND_MB:,} MB), peak RssFile {reading.file:,} MB",
        f"from the store ({size / 1e6:,.0f} MB, its sum checked): {store_seconds:.2f} s",
        f"  peak RssAnon {again.anonymous:,} MB, peak RssFile {again.file:,} MB",
    ]


def main() -> None:
    path = Path(sys.argv[1])
    head = [
        f"{date.today():%Y-%m-%d}  {platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, polars {pl.__version__}, pyarrow {pa.__version__}",
        f"command: python benchmarks/bars_stream.py {path.name}",
    ]
    text = "\n".join([*head, *measure(path)]) + "\n"
    print(text)
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_text(text)


if __name__ == "__main__":
    main()
