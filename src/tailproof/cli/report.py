"""``tailproof report``: the page of a run made again, or one page that compares several."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tailproof.cli.printing import show


def report(
    run: Path,
    /,
    *others: Path,
    out: Path | None = None,
    overwrite: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Make report.html and report.md of a finished run again, or one page that compares several runs.

    Parameters
    ----------
    run
        Folder of a finished run.
    others
        More runs, each compared with the first.
    out
        Write the HTML page to this file. By default one run's page goes into its folder and the page of several to
        comparison.html in the current folder.
    overwrite
        Replace a file that is there.
    """
    from tailproof.report import reporting
    from tailproof.runs.compare_runs import compare_runs

    if others:
        written = [compare_runs([run, *others], out=out or Path("comparison.html"), overwrite=overwrite)]
    else:
        written = reporting.report_run(run, out=out, overwrite=overwrite)
    for path in written:
        show(str(path))
