"""``tailproof resample``: bars of a longer time frame."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tailproof.cli.printing import show
from tailproof.cli.settings_options import chosen, takes_settings
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.section import checked_settings


@takes_settings("reading")
def resample(
    data: Path,
    /,
    *,
    to: str,
    out: Path,
    overwrite: Annotated[bool, Parameter(negative=())] = False,
    **flags: Any,
) -> None:
    """Write bars of a longer time frame: complete ones only, each with the time from which it was known.

    Parameters
    ----------
    data
        Bars, as for check.
    to
        5min, 1h, or another whole multiple of the bars that divides a day; or session.
    out
        CSV or Parquet file to write, by its ending.
    overwrite
        Replace the file at --out; an input file is never replaced.
    """
    from tailproof.bars import resample_file

    options = checked_settings(ReadOptions, chosen(flags))
    longer = resample_file(data, to=to, out=out, options=options, overwrite=overwrite)
    for note in longer.notes:
        show(note)
    first, last = longer.frame["known_at"][0], longer.frame["known_at"][-1]
    show(f"{len(longer):,} bars, known from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC: {out}")
