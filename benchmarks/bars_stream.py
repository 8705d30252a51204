"""Peak memory of reading a CSV file of any length into the store, and whether every row is accounted for.

    python -m benchmarks.bars_stream FILE.csv [RESULT.txt]

The file is made by ``tailproof simulate --rows 50000000 --out FILE.csv``. See ``Peaks`` for what is measured.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa

from benchmarks.peaks import Peaks

BOUND_MB = 1000


def count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 24), b""))


def measure(path: Path) -> list[str]:
    from tailproof.bars.load import load
    from tailproof.settings.read_options import ReadOptions

    lines = count_lines(path)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["TAILPROOF_CACHE"] = cache
        with Peaks() as reading:
            start = time.perf_counter()
            loaded = load(path, ReadOptions(), store="always")
            read_seconds = time.perf_counter() - start
        report = loaded.report
        assert report.rows_read == lines - 1 == report.rows_kept + report.rows_set_aside == len(loaded.bars)
        del loaded
        with Peaks() as again:
            start = time.perf_counter()
            stored = load(path, ReadOptions(), store="always")
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
        f"command: python -m benchmarks.bars_stream {path.name}",
    ]
    text = "\n".join([*head, *measure(path)]) + "\n"
    print(text)
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_text(text)


if __name__ == "__main__":
    main()
