"""Reading, validating, merging and features of bars, beside pandas doing the same, or less where it cannot.

    python -m benchmarks.bars_speed --csv FILE.csv

Both do each task in turn, several rounds in one process, from a file in the file cache. The daily VIX that is merged is
made of the file's own column. Where both should compute the same, that is checked first.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

ROUNDS = 9
WINDOW = 20
Job = Callable[[], Any]


@dataclass(frozen=True, kw_only=True)
class Task:
    """The same task in both libraries; ``peer`` says what the one in pandas leaves out."""

    peer: str
    tailproof: Job
    pandas: Job


def tasks(path: Path, folder: Path) -> dict[str, Task]:
    """Everything is read once before, so that a task is timed alone."""
    from tailproof import features
    from tailproof.bars import load_bars, merge_known, read_vix
    from tailproof.bars.load import load_frame
    from tailproof.settings.read_options import ReadOptions

    bars = load_bars(path, store="always")
    table = bars.frame.select("time", "open", "high", "low", "close", "volume", "vix_close").rechunk()
    days = daily_vix(table, folder / "vix.csv")
    vix = read_vix(days)
    frame = pd.read_csv(path, parse_dates=["time"])
    frame["segment"] = bars.frame["segment"].to_numpy()
    frame.to_parquet(folder / "bars.parquet")
    known = pandas_vix(days, frame)
    chosen = features.select_features(bars, ("original",)).features
    refuse_other_numbers(features.compute(bars, chosen), pandas_features(frame))
    merged = merge_known(bars, vix).frame["vix_close"].to_numpy()
    assert np.array_equal(merged, pandas_merged(frame, known)["vix"].to_numpy(), equal_nan=True)
    plain = ReadOptions()
    return {
        "CSV to validated bars": Task(
            peer="pandas.read_csv alone: nothing checked, times as text",
            tailproof=lambda: load_bars(path, store="never"),
            pandas=lambda: pd.read_csv(path),
        ),
        "stored bars": Task(
            peer="pandas.read_parquet of the same columns",
            tailproof=lambda: load_bars(path, store="always"),
            pandas=lambda: pd.read_parquet(folder / "bars.parquet"),
        ),
        "validate a frame": Task(
            peer="the checks of single rows and of the order of times only",
            tailproof=lambda: load_frame(table, plain),
            pandas=lambda: pandas_faults(frame),
        ),
        "merge a daily VIX": Task(
            peer="pandas.merge_asof on the same known-at times",
            tailproof=lambda: merge_known(bars, vix),
            pandas=lambda: pandas_merged(frame, known),
        ),
        "the five original features": Task(
            peer="the same numbers, by segment",
            tailproof=lambda: features.compute(bars, chosen),
            pandas=lambda: pandas_features(frame),
        ),
    }


def daily_vix(table: pl.DataFrame, path: Path) -> Path:
    """The last VIX of each weekday as a file of days."""
    weekdays = table.filter(pl.col("time").dt.weekday() <= 5)
    days = weekdays.group_by(pl.col("time").dt.date().alias("DATE"), maintain_order=True).agg(
        pl.col("vix_close").last()
    )
    days.rename({"vix_close": "CLOSE"}).write_csv(path)
    return path


def pandas_vix(path: Path, frame: pd.DataFrame) -> pd.DataFrame:
    """Each day with the time from which it is known: 18:00 New York of its date."""
    days = pd.read_csv(path)
    known = (pd.to_datetime(days["DATE"]) + pd.Timedelta("18h")).dt.tz_localize("America/New_York")
    return pd.DataFrame({"known_at": known.dt.tz_convert("UTC").astype(frame["time"].dtype), "vix": days["CLOSE"]})


def pandas_merged(frame: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """The last day known when each minute is complete."""
    bars = frame.assign(known_at=frame["time"] + pd.Timedelta("1min"))
    return pd.merge_asof(bars, known, on="known_at")


def pandas_faults(frame: pd.DataFrame) -> int:
    """Rows with an impossible price, range, volume or time."""
    prices = frame[["open", "high", "low", "close"]]
    bad = ~np.isfinite(prices).all(axis=1) | (prices <= 0).any(axis=1) | (frame["high"] < frame["low"])
    bad |= ~frame["open"].between(frame["low"], frame["high"]) | ~frame["close"].between(frame["low"], frame["high"])
    bad |= ~(frame["volume"] >= 0) | (frame["time"].diff() <= pd.Timedelta(0))
    return int(bad.sum())


def pandas_features(frame: pd.DataFrame) -> pd.DataFrame:
    """The original project's features; no window crosses a segment."""
    close = frame.groupby("segment")["close"]
    typical = (frame["high"] + frame["low"] + frame["close"]) / 3
    turnover = pd.DataFrame(
        {"money": typical * frame["volume"], "volume": frame["volume"], "segment": frame["segment"]}
    )
    sums = turnover.groupby("segment")[["money", "volume"]].rolling(WINDOW, min_periods=1).sum().droplevel(0)
    return pd.DataFrame(
        {
            "close_change_pct": frame["close"] / close.shift(1) - 1,
            "price_mom_3d": frame["close"] / close.shift(3) - 1,
            "price_mom_5d": frame["close"] / close.shift(5) - 1,
            "price_range": (frame["high"] - frame["low"]) / frame["close"],
            "vwap": sums["money"] / sums["volume"],
        }
    )


def refuse_other_numbers(ours: pl.DataFrame, theirs: pd.DataFrame) -> None:
    """Both must have computed the same, to the rounding of sums over windows."""
    for name in theirs.columns:
        np.testing.assert_allclose(ours[name].to_numpy(), theirs[name].to_numpy(), rtol=1e-9, atol=1e-12, err_msg=name)


def measure(work: dict[str, Task], *, rounds: int) -> dict[str, dict[str, list[tuple[float, float]]]]:
    """Seconds of the wall clock and of the processor, of every round."""
    seconds: dict[str, dict[str, list[tuple[float, float]]]] = {name: {"tailproof": [], "pandas": []} for name in work}
    for _ in range(rounds):
        for name, task in work.items():
            for library, job in (("tailproof", task.tailproof), ("pandas", task.pandas)):
                wall, cpu = time.perf_counter(), time.process_time()
                job()
                seconds[name][library].append((time.perf_counter() - wall, time.process_time() - cpu))
    return seconds


def per_million(taken: list[tuple[float, float]], rows: int) -> dict[str, float]:
    """Seconds a million rows: the quickest round, the middle one, and the least of the processor."""
    walls, cpus = zip(*taken, strict=True)
    figures = {"wall": min(walls), "wall_median": statistics.median(walls), "cpu": min(cpus)}
    return {name: value / rows * 1e6 for name, value in figures.items()}


def main() -> None:
    """Print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["TAILPROOF_CACHE"] = name
        work = tasks(options.csv, Path(name))
        seconds = measure(work, rounds=options.rounds)
    rows = sum(1 for _ in options.csv.open("rb")) - 1
    cases = {
        name: {"peer": work[name].peer} | {library: per_million(taken, rows) for library, taken in both.items()}
        for name, both in seconds.items()
    }
    print(json.dumps({"rows": rows, "bars": cases}))


if __name__ == "__main__":
    main()
