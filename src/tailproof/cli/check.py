"""``tailproof check``: the faults of bars and the assumptions made about them, before anything is trained."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from tailproof.cli.printing import show
from tailproof.cli.settings_options import chosen, parted, takes_settings
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.section import checked_settings
from tailproof.settings.series_settings import SeriesSettings
from tailproof.settings.vix_settings import VixSettings
from tailproof.storage.out_file import out_file

if TYPE_CHECKING:
    from tailproof.bars import Merged, SeriesSource
    from tailproof.core.records import Bars


@takes_settings("reading", "vix", "series")
def check(
    data: Path,
    /,
    *,
    vix: Path | None = None,
    set_aside: Path | None = None,
    json: Path | None = None,
    audit: Annotated[bool, Parameter(negative=())] = False,
    features: Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative=())] = ("default",),
    feature_file: Path | None = None,
    horizon: int = 1,
    overwrite: Annotated[bool, Parameter(negative=())] = False,
    **flags: Any,
) -> None:
    """Report every fault of bar files at once: errors, repairs to choose from, warnings. Exit code 2 where there are
    errors.

    With --with NAME=FILE and --vix FILE: how many bars a series reaches, how old its values are there, and whether
    columns of the bars hold its values before they were published.

    Parameters
    ----------
    data
        A CSV (also .gz, .zst), Parquet or Arrow file, a folder of them, or a quoted pattern.
    vix
        VIX closes; a vix_close column in the bars that was joined before it was known is refused.
    set_aside
        Parquet file for the rows that chosen repairs took out or changed.
    json
        File for the report as JSON.
    audit
        Also audit features and labels for causality: nothing may change with bars that come later.
    features
        Features to audit: presets or names.
    feature_file
        Python file with features of your own, audited too.
    horizon
        Bars from the close of a bar to the close that is forecast.
    overwrite
        Replace files that --set-aside and --json name; input files are never replaced.
    """
    from tailproof.bars import load, series_sources, write_set_aside
    from tailproof.bars.loaded import FaultyBarsError

    mine, of_vix = parted(chosen(flags), prefix="vix")
    series = checked_settings(SeriesSettings, {"with": mine.pop("with", {})})
    options = checked_settings(ReadOptions, mine)
    when = checked_settings(VixSettings, {f"vix_{name}": value for name, value in of_vix.items()})
    sources = series_sources(series, when, options, vix=vix)
    inputs = (data, feature_file, *(source.data for source in sources))
    json_file, set_aside_file = (
        None if path is None else out_file(path, overwrite=overwrite, inputs=inputs, option=option)
        for path, option in ((json, "json"), (set_aside, "set_aside"))
    )
    try:
        loaded = load(data, options)
        report = loaded.report
    except FaultyBarsError as error:
        loaded, report = None, error.report
    show(report.render())
    if json_file is not None:
        json_file.write(report.to_json().encode())
    if loaded is None:
        sys.exit(2)
    if set_aside_file is not None:
        write_set_aside(loaded.set_aside, set_aside_file)
        show(f"{loaded.set_aside.height:,} rows set aside or changed: {set_aside}")
    bars, merged = _joined(loaded.bars, sources)
    if audit:
        from tailproof.audit.audit_bars import audit_bars

        audit_bars(bars, features, feature_file=feature_file, merged=merged, horizon=horizon)


def _joined(bars: Bars, sources: Sequence[SeriesSource]) -> tuple[Bars, tuple[Merged, ...]]:
    """Bars with the series joined in, once it was shown how that went and what the bars knew of them too early.

    Raises:
        DataError: a column of the bars holds values of a series before they were published.
    """
    from tailproof.bars import early_columns, join_series, refuse_leak

    joined, merged = join_series(bars, sources)
    for note in joined.notes[len(bars.notes) :]:
        show(note)
    audits = [finding for one in merged for finding in early_columns(bars, one.series)]
    for finding in audits:
        show(finding.sentence())
    for finding in audits:
        refuse_leak(finding)
    return joined, merged
