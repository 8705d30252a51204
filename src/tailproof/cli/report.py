"""``tailproof report``: the page of a run made again, or one page that compares several."""

from __future__ import annotations

from pathlib import Path


def report(run: Path, /, *, out: Path | None = None) -> None:
    """Make report.html and report.md of a finished run again.

    Parameters
    ----------
    run
        Folder of a finished run.
    out
        Write the HTML page to this file instead, and leave the run folder as it is.
    """
    from tailproof import pipeline

    for path in pipeline.report_run(run, out=out):
        print(path)
