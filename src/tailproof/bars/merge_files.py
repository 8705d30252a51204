"""Two files merged into one, each value of the second joined when it was known."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import polars as pl

from tailproof.bars.known_series import read_series, read_vix
from tailproof.bars.load import load
from tailproof.bars.merge import STALE_AFTER, merge_known
from tailproof.bars.settings import ReadSettings
from tailproof.bars.sources import kind_of
from tailproof.core.errors import ConfigError
from tailproof.core.records import Bars


def merge_files(
    bars: Path,
    other: Path,
    *,
    out: Path,
    settings: ReadSettings | None = None,
    vix: bool = True,
    other_timezone: str | None = None,
    lag: timedelta | None = None,
    stale_after: timedelta = STALE_AFTER,
    age: bool = False,
    prefix: str | None = None,
) -> Bars:
    """Read bars and another series, join backward on known-at times, and write the merged bars to ``out``.

    Args:
        bars: bars, as for ``load_bars``.
        other: VIX closes, or with ``vix=False`` any series.
        out: .csv or .parquet; written whole or not at all. Times are bar starts in UTC.
        settings: how the bars are to be read.
        vix: whether ``other`` is a VIX, whose closes become ``vix_close``.
        other_timezone: zone of the other file's times; None takes that of the bars.
        lag: see ``read_vix``.
        stale_after: see ``merge_known``.
        age: see ``merge_known``.
        prefix: of the columns' names where it is no VIX.

    Raises:
        DataError: one of the files cannot be used.
        ConfigError: ``out`` is of no known type.
    """
    settings = settings or ReadSettings()
    if kind_of(out) not in ("csv", "parquet") or out.suffix not in (".csv", ".parquet"):
        raise ConfigError(f"--out must end in .csv or .parquet, however: {out.name}")
    zone = other_timezone or settings.timezone
    read = load(bars, settings).bars
    series = (
        read_vix(other, timezone=zone, lag=lag) if vix else read_series(other, timezone=zone, lag=lag, prefix=prefix)
    )
    merged = merge_known(read, series, stale_after=stale_after, age=age)
    write_bars(merged, out)
    return merged


def write_bars(bars: Bars, out: Path) -> None:
    """Write the columns a file of bars has (times in UTC; what loading makes anew is left out), whole or not at all."""
    frame = bars.frame.drop("known_at", "session", "segment", "regular_hours", strict=False)
    temporary = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        if out.suffix == ".parquet":
            frame.write_parquet(temporary)
        else:
            frame.with_columns(pl.col("time").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_csv(temporary)
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)
