"""Reports made again and runs compared, long after training: what trains is not imported, so that it takes a moment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tailproof import report
from tailproof.artifacts import amend
from tailproof.artifacts.atomic import write_atomic


def report_run(run: Path, *, out: Path | None = None) -> list[Path]:
    """Make the report of a finished run again; give back the files that were written.

    Args:
        run: folder of the run; its manifest is renewed.
        out: write the HTML page there instead, and leave the folder as it is.

    Raises:
        RunFolderError: this is not a finished run, or its files have changed since it ended.
    """
    files = report.report_files(run)
    if out is not None:
        write_atomic(out, files["report.html"])
        return [out]
    amend(run, files)
    return [run / name for name in files]


def compare_runs(runs: Sequence[Path], *, out: Path) -> Path:
    """Write one page that compares finished runs with the first of them.

    Raises:
        RunFolderError: a folder lacks a file that the page needs.
    """
    write_atomic(out, report.comparison(runs))
    return out
