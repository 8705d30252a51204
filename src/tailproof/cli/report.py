"""``tailproof report``: the page of a run made again, or one page that compares several."""

from __future__ import annotations

from pathlib import Path


def report(run: Path, /, *others: Path, out: Path | None = None) -> None:
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
    """
    from tailproof.report import reporting

    if others:
        written = [reporting.compare_runs([run, *others], out=out or Path("comparison.html"))]
    else:
        written = reporting.report_run(run, out=out)
    for path in written:
        print(path)
