"""Real daily bars that come inside the ``arch`` package, for the demo: nothing is downloaded."""

from __future__ import annotations

import gzip
import io
from importlib.resources import files

import polars as pl

from tailproof.bars.load import bars_from_frame
from tailproof.bars.merge.join import merge_known
from tailproof.bars.merge.known_series import KnownSeries, vix_series
from tailproof.bars.read.table_plan import LINE
from tailproof.bars.sessions.known_at import DAY_CLOSE, at_new_york
from tailproof.core.records import Bars


def sp500_days() -> Bars:
    """S&P 500 days, 1999 to 2018, with the NASDAQ close of the same day and the VIX close of the day before.

    The NASDAQ closes at the same moment as the S&P 500 (16:00 New York); the VIX is published after 16:15, so that
    a bar sees the day before's. The VIX file runs from 2014 to January 2019 only.
    """
    bars = bars_from_frame(_price_days("sp500"), source="S&P 500 days (arch.data.sp500)")
    bars = merge_known(bars, _nasdaq_closes())
    vix = _read("vix").select("time", LINE, pl.col("vix").cast(pl.Float64, strict=False).alias("vix_close"))
    return merge_known(bars, vix_series(vix, source="VIX days (arch.data.vix)"))


def _nasdaq_closes() -> KnownSeries:
    days = _price_days("nasdaq")
    frame = days.select(at_new_york(days["time"], DAY_CLOSE).alias("known_at"), pl.col("close").alias("nasdaq_close"))
    note = f"NASDAQ: {days.height:,} closes, known at 16:00 New York of their day."
    return KnownSeries(name="nasdaq_close", frame=frame, notes=(note,))


def _price_days(name: str) -> pl.DataFrame:
    columns = {"Open": "open", "High": "high", "Low": "low", "Close": "close", "Volume": "volume"}
    raw = _read(name)
    return raw.select("time", LINE, *(pl.col(old).cast(pl.Float64).alias(new) for old, new in columns.items()))


def _read(name: str) -> pl.DataFrame:
    """Rows of one of arch's files in the order of their dates, every cell still text but the time."""
    packed = files("arch.data").joinpath(name).joinpath(f"{name}.csv.gz").read_bytes()
    raw = pl.read_csv(io.BytesIO(gzip.decompress(packed)), infer_schema=False, row_index_name=LINE, row_index_offset=2)
    day = pl.col("Date").str.to_datetime("%m/%d/%Y", time_unit="ns").dt.replace_time_zone("UTC")
    return raw.with_columns(day.alias("time")).drop("Date")
