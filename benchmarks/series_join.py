"""Five series joined to a million bars by when they were known, beside pandas' merge_asof of the same values.

    python -m benchmarks.series_join [--rows N] [--rounds N]

Both start from frames in memory that are in order. tailproof also gives the age of each value, leaves out stale ones
and says how many bars were matched and how old the values are there; pandas gives the values alone. Equal values are
checked first. ``peak_mib`` is what the first join adds to the memory of the process at its highest, five columns and
their ages, which it keeps, among it; None where the system does not let the peak be set back (Linux does).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from tailproof.bars import KnownSeries, merge_known
from tailproof.core.records import Bars

ROWS, ROUNDS = 1_000_000, 7
EVERY = {"nq": 60, "zn": 60, "hourly": 3600, "daily": 86_400, "monthly": 30 * 86_400}
"""Seconds between the values of each series."""
START = datetime(2020, 1, 1)


def bars_of(rows: int) -> Bars:
    """Minutes without a gap."""
    start = np.datetime64(START, "ns")
    times = pl.Series(start + np.arange(rows) * np.timedelta64(60, "s")).dt.replace_time_zone("UTC")
    known_at = times + timedelta(minutes=1)
    frame = pl.DataFrame({"time": times, "known_at": known_at.dt.cast_time_unit("ns"), "close": np.ones(rows)})
    return Bars(frame=frame, bar_length=timedelta(minutes=1), source="minutes")


def series_of(name: str, every: int, rows: int) -> KnownSeries:
    """Values of one series, known half a minute into a minute."""
    count = rows * 60 // every + 1
    start = np.datetime64(START, "ns") + np.timedelta64(30, "s")
    times = pl.Series(start + np.arange(count) * np.timedelta64(every, "s")).dt.replace_time_zone("UTC")
    value = np.random.default_rng(every).standard_normal(count)
    frame = pl.DataFrame({"known_at": times, name: value})
    return KnownSeries(name=name, frame=frame, notes=(), stale_after=timedelta(days=90))


def memory_mib(field: str) -> float:
    """VmRSS (now) or VmHWM (at the highest) of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def peak_mib(job: Callable[[], object]) -> float | None:
    """What a job adds to the memory of this process at its highest."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return None
    before = memory_mib("VmRSS")
    job()
    return memory_mib("VmHWM") - before


def main() -> None:
    """Print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    bars = bars_of(options.rows)
    series = [series_of(name, every, options.rows) for name, every in EVERY.items()]
    left = bars.frame.to_pandas()
    right = [one.frame.to_pandas() for one in series]

    def ours() -> Bars:
        joined = bars
        for one in series:
            joined = merge_known(joined, one, age=True)
        return joined

    def theirs() -> pd.DataFrame:
        joined = left
        for one in right:
            joined = pd.merge_asof(joined, one, on="known_at")
        return joined

    peak = peak_mib(ours)
    joined, expected = ours().frame, theirs()
    for name in EVERY:
        assert np.array_equal(joined[name].to_numpy(), expected[name].to_numpy(), equal_nan=True), name
    seconds: dict[str, list[float]] = {"tailproof": [], "pandas": []}
    for _ in range(options.rounds):
        for name, job in (("tailproof", ours), ("pandas", theirs)):
            began = time.process_time()
            job()
            seconds[name].append(time.process_time() - began)
    cpu = {name: min(each) for name, each in seconds.items()}
    ratio = cpu["tailproof"] / cpu["pandas"]
    print(json.dumps({"rows": options.rows, "cpu_seconds": cpu, "ratio": ratio, "peak_mib": peak}))


if __name__ == "__main__":
    main()
