"""ES with NQ, a bond, CPI by release date and daily sentiment, simulated: only NQ's last bar says what ES does next.

    python -m tests.worlds.joined_series FOLDER [--days N] [--share S]

writes ES.csv, NQ.csv, ZN.parquet, cpi.csv and sentiment.csv. The next return of ES is ``share`` times the last one of
NQ plus noise of its own, so that their correlation is ``share``; the prices of ES alone, the bond, the releases and
the sentiment say nothing about it.
"""

from __future__ import annotations

import argparse
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

FIRST, MINUTES, STEP = date(2023, 1, 2), 100, 1e-4
NEW_YORK = ZoneInfo("America/New_York")
FILES = {"nq": "NQ.csv", "zn": "ZN.parquet", "cpi": "cpi.csv", "news": "sentiment.csv"}


def write_joined_series(folder: Path, *, days: int = 60, share: float = 0.2, seed: int = 0) -> dict[str, Path]:
    """Write the five files: sessions of MINUTES from 10:00 New York on weekdays.

    Returns:
        The files of the other series by name; the bars are ES.csv beside them.
    """
    random = np.random.default_rng(seed)
    open_days = [day for at in range(2 * days) if (day := FIRST + timedelta(days=at)).weekday() < 5][:days]
    begins = [
        datetime(day.year, day.month, day.day, 10, tzinfo=NEW_YORK).astimezone(ZoneInfo("UTC")) for day in open_days
    ]
    times = [begin.replace(tzinfo=None) + timedelta(minutes=at) for begin in begins for at in range(MINUTES)]
    nq_N, own_N, bond_N = (random.standard_normal(len(times)) for _ in range(3))
    es_N = share * np.r_[0.0, nq_N[:-1]] + np.sqrt(1 - share**2) * own_N
    for name, move_N, price in (("ES", es_N, 4000.0), ("NQ", nq_N, 12_000.0)):
        _bars(times, move_N, price, random).write_csv(folder / f"{name}.csv", datetime_format="%Y-%m-%d %H:%M:%S")
    _bars(times, bond_N, 110.0, random).write_parquet(folder / "ZN.parquet")
    months = [date(2022 + at // 12, at % 12 + 1, 1) for at in range(12 + days // 20)]
    released = [month + timedelta(days=43) for month in months]
    cpi = {"date": months, "release_date": released, "cpi": random.normal(0.3, 0.2, len(months)).round(1)}
    pl.DataFrame(cpi).write_csv(folder / FILES["cpi"])
    mood = {"date": open_days, "mood": random.normal(size=days).round(3)}
    pl.DataFrame(mood).write_csv(folder / FILES["news"])
    return {name: folder / file for name, file in FILES.items()}


def _bars(times: list[datetime], move_N: np.ndarray, price: float, random: np.random.Generator) -> pl.DataFrame:
    """Bars whose returns are ``move_N`` steps; each opens at the close before it."""
    close_N = price * np.exp(STEP * np.cumsum(move_N))
    open_N = np.r_[price, close_N[:-1]]
    reach_N = price * STEP * random.random(len(times))
    return pl.DataFrame(
        {
            "time": times,
            "open": open_N,
            "high": np.maximum(open_N, close_N) + reach_N,
            "low": np.minimum(open_N, close_N) - reach_N,
            "close": close_N,
            "volume": random.integers(1, 1000, len(times)),
        }
    )


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--share", type=float, default=0.2)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    write_joined_series(options.folder, days=options.days, share=options.share)


if __name__ == "__main__":
    main()
