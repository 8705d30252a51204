"""Files made from other files: two merged into one, each value joined when it was known; bars of a longer frame."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import polars as pl

from tailproof.bars.load import load
from tailproof.bars.merge.join import merge_known
from tailproof.bars.merge.read_series import read_series, read_vix
from tailproof.bars.merge.timeframes import resample
from tailproof.bars.read.aliases import KNOWN_AT
from tailproof.bars.read.table_plan import MADE_HERE
from tailproof.bars.sessions.known_at import are_dates, known_at_bar_end
from tailproof.core.errors import ConfigError, DataError
from tailproof.core.records import Bars
from tailproof.core.surface import setting
from tailproof.settings.read_options import ReadOptions
from tailproof.storage.out_file import OutFile, out_file


def merge_files(
    bars: Path,
    other: Path,
    *,
    out: Path,
    options: ReadOptions | None = None,
    vix: bool = True,
    other_options: ReadOptions | None = None,
    lag: timedelta | None = None,
    stale_after: timedelta | None = None,
    age: bool = False,
    prefix: str | None = None,
    overwrite: bool = False,
) -> Bars:
    """Read bars and another series, join backward on known-at times, and write the merged bars to ``out``.

    Args:
        bars: bars, as for ``load_bars``.
        other: VIX closes, or with ``vix=False`` any series.
        out: .csv or .parquet; written whole or not at all. Times are bar starts in UTC.
        options: how the bars are to be read.
        vix: whether ``other`` is a VIX, whose closes become ``vix_close``.
        other_options: how the other file is to be read; None takes the zone of the bars and the defaults.
        lag: see ``read_vix``.
        stale_after: see ``merge_known``.
        age: see ``merge_known``.
        prefix: of the columns' names where it is no VIX.
        overwrite: replace a file at ``out``; one of the two that are read is never replaced.

    Raises:
        DataError: one of the files cannot be used.
        ConfigError: ``out`` is of no known type, or a file is there.
    """
    options = options or ReadOptions()
    target = bars_out_file(out, overwrite=overwrite, inputs=(bars, other))
    other_options = other_options or ReadOptions(timezone=options.timezone)
    read = load(bars, options).bars
    series = (
        read_vix(other, options=other_options, lag=lag, settings="other_")
        if vix
        else read_series(other, options=other_options, lag=lag, prefix=prefix, settings="other_")
    )
    merged = merge_known(read, series, stale_after=stale_after, age=age)
    write_bars(merged, target)
    return merged


def resample_file(bars: Path, *, to: str, out: Path, options: ReadOptions, overwrite: bool = False) -> Bars:
    """Read bars and write the complete ones of a longer time frame to ``out``, each with the time it was known.

    Args:
        bars: bars, as for ``load_bars``.
        to: a duration such as "5min" or "1h", or "session".
        out: .csv or .parquet; written whole or not at all. Times are in UTC.
        options: how the bars are to be read.
        overwrite: replace a file at ``out``; one that is read is never replaced.

    Raises:
        DataError: the bars cannot be used.
        ConfigError: ``out`` is of no known type, a file is there, or ``to`` is no whole multiple of the bar length.
    """
    target = bars_out_file(out, overwrite=overwrite, inputs=(bars,))
    longer = resample(load(bars, options).bars, to)
    if not len(longer):
        raise DataError(f"{bars}: not one bar of {to} is complete. Give a shorter one, or more bars.")
    write_bars(longer, target, known_at=True)
    return longer


def bars_out_file(out: Path, *, overwrite: bool, inputs: Sequence[Path] = ()) -> OutFile:
    """A file that bars can be written to; called before anything is read.

    Raises:
        ConfigError: its ending is not known, or it may not be written, see ``out_file``.
    """
    if out.suffix not in (".csv", ".parquet"):
        raise ConfigError(f"{setting('out')} must end in .csv or .parquet, got {out.name}. Give it such an ending.")
    return out_file(out, overwrite=overwrite, inputs=inputs)


def write_bars(bars: Bars, out: OutFile, *, known_at: bool = False) -> None:
    """Write the columns a file of bars has (times in UTC; what loading makes anew is left out), whole or not at all.

    ``known_at`` is written where it is asked for, and where loading would not come to the same from the times.
    """
    frame = bars.frame.drop(*MADE_HERE, strict=False)
    dates = are_dates(frame["time"], bar_length=bars.bar_length)
    ends = known_at_bar_end(frame["time"], bar_length=bars.bar_length, dates=dates)
    if not known_at and frame[KNOWN_AT].equals(ends):
        frame = frame.drop(KNOWN_AT)
    with out.writing() as (temporary, _):
        if out.path.suffix == ".parquet":
            frame.write_parquet(temporary)
        else:
            times = pl.col("^(time|known_at)$").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
            frame.with_columns(times).write_csv(temporary)
