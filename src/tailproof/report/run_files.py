"""Reports as the bytes of files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def report_files(run: Path) -> dict[str, bytes]:
    """report.md and report.html of the run in a folder.

    Raises:
        RunFolderError: the folder lacks a file that the report needs.
    """
    # jinja2 is imported only where a page is made: training should not wait for it.
    from tailproof.report.run_markdown import run_markdown
    from tailproof.report.run_page import run_page
    from tailproof.report.run_record import read_run

    record = read_run(run)
    return {"report.md": run_markdown(record).encode(), "report.html": run_page(record).encode()}


def comparison(runs: Sequence[Path]) -> bytes:
    """The HTML page that compares finished runs with the first of them.

    Raises:
        RunFolderError: a folder lacks a file that the report needs.
    """
    from tailproof.report.compare_page import compare_page

    return compare_page(runs).encode()
