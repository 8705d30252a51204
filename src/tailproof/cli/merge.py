"""``tailproof merge``: two files made one, each value joined when it was known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tailproof.cli.printing import show
from tailproof.cli.settings_options import chosen, parted, takes_settings
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.section import checked_settings


@takes_settings("reading", other="other")
def merge(
    bars: Path,
    other: Path,
    /,
    *,
    out: Path,
    series: Annotated[bool, Parameter(negative=())] = False,
    prefix: str | None = None,
    lag: str | None = None,
    stale_after: str = "auto",
    age: Annotated[bool, Parameter(negative=())] = False,
    overwrite: Annotated[bool, Parameter(negative=())] = False,
    **flags: Any,
) -> None:
    """Join another series to bars, backward on the time each value was known: no bar sees a value of its future.

    Parameters
    ----------
    bars
        Bars, as for check.
    other
        VIX closes, daily or intraday, or with --series any series of numbers.
    out
        CSV or Parquet file to write, by its ending.
    series
        The other file does not hold the VIX: join its close, or all its number columns, under a prefix.
    prefix
        Prefix of those columns; by default the name of the file.
    lag
        How long after the end of its bar (a day: 16:00 New York) a value is published, such as 15min. By default a
        column such as release_date says so, else a day's value is used from 18:00 New York of its date, another from
        the end of its bar; rows longer than a day need one of them.
    stale_after
        Older values are not carried on: auto = 10d, or three rows where those are longer.
    age
        Also write for how many hours each value had been known.
    overwrite
        Replace the file at --out; an input file is never replaced.
    """
    from tailproof.bars import merge_files
    from tailproof.settings.durations import parse_duration

    mine, of_other = parted(chosen(flags), prefix="other")
    options = checked_settings(ReadOptions, mine)
    merged = merge_files(
        bars,
        other,
        out=out,
        options=options,
        vix=not series,
        other_options=checked_settings(ReadOptions, {"timezone": options.timezone, **of_other}),
        lag=None if lag is None else parse_duration(lag),
        stale_after=None if stale_after == "auto" else parse_duration(stale_after),
        age=age,
        prefix=prefix,
        overwrite=overwrite,
    )
    for note in merged.notes:
        show(note)
    show(f"{len(merged):,} merged bars: {out}")
