"""Reports as the bytes of files, and the figures of a run for notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tailproof.report.plots import RunPlots


def report_files(run: Path, *, name: str | None = None) -> dict[str, bytes]:
    """report.md and report.html of the run in a folder; ``name`` is that of the run, by default the folder's.

    Raises:
        RunFolderError: the folder lacks a file that the report needs.
    """
    # jinja2 is imported only where a page is made: training should not wait for it.
    from tailproof.report.page.run_sections import sections
    from tailproof.report.run_markdown import run_markdown
    from tailproof.report.run_page import run_page
    from tailproof.report.run_record import read_run

    record = read_run(run, name=name)
    parts = sections(record)
    return {"report.md": run_markdown(record, parts).encode(), "report.html": run_page(record, parts).encode()}


def run_plots(run: Path) -> RunPlots:
    """The figures of a run as plotly figures."""
    from tailproof.report.plots import RunPlots

    return RunPlots(run)


def summary_html(run: Path) -> str:
    """A run in a few lines of HTML, for notebooks."""
    from tailproof.report.plots import summary_html

    return summary_html(run)
