"""Small bars made for the tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from tailproof.bars.load import bars_from_frame
from tailproof.core.records import Bars

ROOT = Path(__file__).resolve().parents[2]


def random_bar_frame(
    rows: int, *, seed: int = 0, breaks: tuple[int, ...] = (), interaction: float = 0.0
) -> pl.DataFrame:
    """Valid minute bars with volume and VIX; a break of two hours before each row of ``breaks``.

    With ``interaction`` a return is higher where the one before was large, up or down, by so many times its size.
    """
    rng = np.random.default_rng(seed)
    return_N = rng.standard_t(4, rows) * 2e-4
    return_N[1:] += interaction * (np.minimum(np.abs(return_N[:-1]), 6e-4) - 2e-4)
    close_N = 1000.0 * np.exp(np.cumsum(return_N))
    open_N = np.r_[1000.0, close_N[:-1]]
    high_N = np.maximum(open_N, close_N) * (1.0 + rng.random(rows) * 1e-4)
    low_N = np.minimum(open_N, close_N) * (1.0 - rng.random(rows) * 1e-4)
    minute_N = np.arange(rows) + 120 * np.isin(np.arange(rows), breaks).cumsum()
    start = np.datetime64(datetime(2024, 1, 2, 14, 30), "ns")
    return pl.DataFrame(
        {
            "time": pl.Series(start + minute_N.astype("timedelta64[m]")).cast(pl.Datetime("ns")),
            "open": open_N,
            "high": high_N,
            "low": low_N,
            "close": close_N,
            "volume": rng.integers(0, 100, rows).astype(float),
            "vix_close": 15.0 + rng.random(rows),
        }
    ).with_columns(pl.col("time").dt.replace_time_zone("UTC"))


def bars_of(frame: pl.DataFrame) -> Bars:
    return bars_from_frame(frame.with_row_index("line", offset=2), source="test bars")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]


def minute_frame(*starts: tuple[datetime, int], **columns: object) -> pl.DataFrame:
    """Bars of one minute: so many from each start, with further columns."""
    times = [start + timedelta(minutes=at) for start, count in starts for at in range(count)]
    price = np.arange(len(times)) % 13 / 4 + 100
    frame = pl.DataFrame({"time": times, "open": price, "high": price + 1, "low": price - 1, "close": price})
    return frame.with_columns(pl.Series(name, values) for name, values in columns.items())  # type: ignore[arg-type]
