"""report.html of one run."""

from __future__ import annotations

from collections.abc import Sequence

from tailproof.report.findings import findings
from tailproof.report.page.head import head
from tailproof.report.page.html import drawn, render
from tailproof.report.page.page_section import Section
from tailproof.report.page.run_sections import span
from tailproof.report.run_record import RunRecord


def run_page(run: RunRecord, parts: Sequence[Section]) -> str:
    """One self-contained page: no network, works from file://, in print, in the dark and on a phone.

    Args:
        run: the run.
        parts: what ``sections`` made of it.
    """
    top = head(findings(run.verdict), run.verdict.get("costs") or {})
    return render(
        "run.html.j2",
        title=f"{top.word}: {run.name}",
        name=run.name,
        about=about(run),
        head=top,
        sections=[drawn(section) for section in parts],
    )


def about(run: RunRecord) -> list[str]:
    """Which data, from when to when, and what was trained on them, for the line above the verdict."""
    facts = [str(run.config.get("data", ""))]
    if "bars" in run.facts:
        facts.append(span(run.facts["bars"]))
    if "network" in run.config and "members" in run.settings:
        members = run.settings["members"]
        networks = f"{members} networks" if members > 1 else "1 network"
        facts.append(f"{networks} of {run.config['network']['parameters']:,} parameters")
    return [each for each in facts if each]
