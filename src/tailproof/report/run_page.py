"""report.html of one run."""

from __future__ import annotations

from tailproof.report.findings import findings
from tailproof.report.page.head import head
from tailproof.report.page.html import drawn, render
from tailproof.report.page.sections import sections
from tailproof.report.run_record import RunRecord


def run_page(run: RunRecord) -> str:
    """One self-contained page: no network, works from file://, in print, in the dark and on a phone."""
    top = head(findings(run.verdict), run.verdict.get("costs") or {})
    return render(
        "run.html.j2",
        title=f"{top.word}: {run.name}",
        name=run.name,
        head=top,
        sections=[drawn(section) for section in sections(run)],
    )
