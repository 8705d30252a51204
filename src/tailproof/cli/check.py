"""``tailproof check``: the faults of bars and the assumptions made about them, before anything is trained."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tailproof.cli.printing import show
from tailproof.cli.settings_options import chosen, parted, takes_settings
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.section import checked_settings
from tailproof.settings.vix_settings import VixSettings
from tailproof.storage.out_file import out_file


@takes_settings("reading", "vix")
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
    **given: Any,
) -> None:
    """Report every fault of bar files at once: errors, repairs to choose from, warnings. Exit code 2 where there are
    errors.

    Parameters
    ----------
    data
        A CSV (also .gz, .zst), Parquet or Arrow file, a folder of them, or a quoted pattern.
    vix
        The VIX file that a vix_close column in the bars was taken from: tells whether it was joined before it was
        known.
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
    from tailproof.bars import audit_merge, load, read_vix, refuse_leak, write_set_aside
    from tailproof.bars.loaded import FaultyBarsError

    mine, of_vix = parted(chosen(given), prefix="vix")
    options = checked_settings(ReadOptions, mine)
    when = checked_settings(VixSettings, {f"vix_{name}": value for name, value in of_vix.items()})
    inputs = (data, vix, feature_file)
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
    if vix is not None and "vix_close" in loaded.bars.frame.columns:
        merged = audit_merge(loaded.bars, read_vix(vix, options=when.reading(options), lag=when.lag, settings="vix_"))
        show(merged.sentence())
        refuse_leak(merged)
    if audit:
        from tailproof.selection.feature_study import audit_bars

        audit_bars(loaded.bars, features, feature_file=feature_file, vix=vix, horizon=horizon)
