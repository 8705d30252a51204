"""Values of another series joined to bars backward on the time they were known, never on the time they describe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import polars as pl

from tailproof.bars.bar_length import bar_length_of
from tailproof.bars.faults import Fault, raise_faults
from tailproof.bars.known_at import DAILY_VIX_USABLE, at_new_york, known_at_bar_end
from tailproof.bars.read import read_table
from tailproof.bars.settings import ReadSettings
from tailproof.bars.table_plan import LINE
from tailproof.core.errors import DataError
from tailproof.core.records import Bars


@dataclass(frozen=True, kw_only=True)
class KnownSeries:
    """One value after another with the time from which each may be used: columns ``known_at`` and ``name``."""

    name: str
    frame: pl.DataFrame
    notes: tuple[str, ...]


def read_vix(path: Path, *, timezone: str = "UTC") -> KnownSeries:
    """A VIX file, daily or intraday, as a series of closes.

    Cells that are empty or "." (FRED's mark of a holiday) give no value: the last known close stays in force.

    Raises:
        DataError: the file is unreadable, or a close or a time cannot be used.
    """
    settings = ReadSettings(timezone=timezone)
    raw = read_table(path, required=("time",), settings=settings, missing_marks=("", "."), strict_rows=False)
    names = [name for name in ("vix_close", "close") if name in raw.columns]
    if not names:
        raise DataError(f"{path}: no column for the VIX: looked for close, last, vix, vix_close (any case).")
    return vix_series(raw.select("time", LINE, pl.col(names[0]).alias("vix_close")), source=str(path))


def vix_series(raw: pl.DataFrame, *, source: str) -> KnownSeries:
    """Columns ``time`` (UTC), ``line`` and ``vix_close`` as a series with known-at times.

    Raises:
        DataError: times out of order or repeated, or a VIX that is not above zero.
    """
    _refuse_bad_rows(raw, source=source)
    missing = raw["vix_close"].is_null().sum()
    frame = raw.filter(pl.col("vix_close").is_not_null())
    length = bar_length_of(frame["time"])
    if length >= timedelta(days=1):
        known_at = at_new_york(pl.col("time"), DAILY_VIX_USABLE)
        rule = "a day's close is used from 18:00 New York of that day on, never earlier"
    else:
        known_at = known_at_bar_end(pl.col("time"), bar_length=length)
        rule = "a bar's close is used from the end of that bar on"
    first, last = frame["time"][0], frame["time"][-1]
    note = f"VIX: {frame.height:,} closes from {first:%Y-%m-%d} to {last:%Y-%m-%d}; {rule}."
    if missing:
        note += f" {missing} rows without a value: the close before them stays in force."
    return KnownSeries(
        name="vix_close",
        frame=frame.select(known_at.dt.cast_time_unit("ns").alias("known_at"), "vix_close"),
        notes=(note,),
    )


def merge_known(bars: Bars, series: KnownSeries) -> Bars:
    """Add ``series.name`` to the bars: at each bar the last value known when it is complete, null before the first.

    Backward as-of join on ``known_at``: a value with known_at <= the bar's known_at is seen, a later one never.
    """
    frame = bars.frame.drop(series.name, strict=False)
    joined = frame.join_asof(series.frame.sort("known_at"), on="known_at", strategy="backward")
    matched = joined[series.name].is_not_null().sum()
    note = f"{series.name} matched to {matched:,} of {joined.height:,} bars ({matched / joined.height:.1%})."
    return Bars(frame=joined, bar_length=bars.bar_length, source=bars.source, notes=(*bars.notes, *series.notes, note))


def _refuse_bad_rows(raw: pl.DataFrame, *, source: str) -> None:
    checks = {
        ("time not after the row above", "rising times, each once"): pl.col("time").diff() <= pl.duration(),
        ("'vix_close' out of range", "a number above 0"): ~(pl.col("vix_close") > 0)
        | pl.col("vix_close").is_infinite(),
    }
    faults = []
    for (kind, expected), bad in checks.items():
        rows = raw.filter(bad.fill_null(value=False))
        if rows.height:
            column = "time" if kind.startswith("time") else "vix_close"
            faults.append(Fault(kind, rows[LINE].to_list(), found=str(rows[column][0]), expected=expected))
    raise_faults(faults, source=source)
    if raw["vix_close"].drop_nulls().len() < 2:
        raise DataError(f"{source}: fewer than two VIX closes. Expected one a day or one a bar.")
