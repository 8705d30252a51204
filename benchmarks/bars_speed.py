"""Reading, validating and merging a million minute bars, beside pandas doing as much of it as pandas does.

    python benchmarks/bars_speed.py FILE.csv VIX.csv [RESULT.txt]

The file is made by ``tailproof simulate --rows 1142809 --out FILE.csv``. Every peer runs in turn, several rounds in one
process; the fastest and the middle round are shown. What the figures do not show: other file layouts, a cold disk.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import polars as pl

ROUNDS = 9


def peers(path: Path, vix: Path) -> dict[str, Callable[[], object]]:
    from tailproof.bars import load_bars, merge_known, read_vix

    bars = load_bars(path, store="never")
    series = read_vix(vix)
    frame = pd.read_csv(path, parse_dates=["time"])
    days = pd.read_csv(vix)
    days["known_at"] = pd.to_datetime(days.iloc[:, 0]).dt.tz_localize("America/New_York") + pd.Timedelta("18h")
    days["known_at"] = days["known_at"].dt.tz_convert("UTC").astype(frame["time"].dtype)
    load_bars(path, store="always")
    return {
        "pandas.read_csv alone": lambda: pd.read_csv(path),
        "pandas.read_csv, times parsed": lambda: pd.read_csv(path, parse_dates=["time"]),
        "polars.read_csv, typed, times as text": lambda: pl.read_csv(path, schema_overrides=_numbers(path)),
        "CSV to validated bars, every check": lambda: load_bars(path, store="never"),
        "CSV to validated bars and the store": lambda: _fresh(path),
        "from the store": lambda: load_bars(path, store="always"),
        "merge daily VIX: pandas.merge_asof": lambda: pd.merge_asof(frame, days, left_on="time", right_on="known_at"),
        "merge daily VIX: merge_known": lambda: merge_known(bars, series),
    }


def _numbers(path: Path) -> dict[str, type[pl.DataType]]:
    names = path.open().readline().strip().split(",")
    return dict.fromkeys(names[1:], pl.Float64)


def _fresh(path: Path) -> object:
    from tailproof.bars import load_bars

    for file in Path(os.environ["TAILPROOF_CACHE"]).rglob("*.*"):
        file.unlink()
    return load_bars(path, store="always")


def measure(path: Path, vix: Path) -> list[str]:
    work = peers(path, vix)
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(ROUNDS):
        for name, job in work.items():
            start = time.perf_counter()
            job()
            seconds[name].append(time.perf_counter() - start)
    base = statistics.median(seconds["pandas.read_csv alone"])
    rows = sum(1 for _ in path.open("rb")) - 1
    lines = [f"{path.name}: {rows:,} rows, {path.stat().st_size / 1e6:.0f} MB; seconds, {ROUNDS} rounds in turn"]
    lines.append(f"{'':40}  fastest   middle  of read_csv  per million rows")
    for name, taken in seconds.items():
        middle = statistics.median(taken)
        lines.append(f"{name:40} {min(taken):8.3f} {middle:8.3f} {middle / base:11.2f} {middle / rows * 1e6:17.3f}")
    return lines


def main() -> None:
    head = [
        f"{date.today():%Y-%m-%d}  {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"polars {pl.__version__}, pandas {pd.__version__}",
        f"command: python benchmarks/bars_speed.py {Path(sys.argv[1]).name} {Path(sys.argv[2]).name}",
    ]
    with tempfile.TemporaryDirectory() as cache:
        os.environ["TAILPROOF_CACHE"] = cache
        text = "\n".join([*head, *measure(Path(sys.argv[1]), Path(sys.argv[2]))]) + "\n"
    print(text)
    if len(sys.argv) > 3:
        Path(sys.argv[3]).write_text(text)


if __name__ == "__main__":
    main()
