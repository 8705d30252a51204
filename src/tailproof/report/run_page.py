"""report.html of one run."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import PurePath

from tailproof.core.counted import counted
from tailproof.report.findings import findings
from tailproof.report.page.head import head
from tailproof.report.page.html import drawn, render
from tailproof.report.page.page_section import Section
from tailproof.report.page.run_sections import as_typed, exchange_zone, span
from tailproof.report.run_record import RunRecord
from tailproof.settings.durations import describe_duration

MAX_PATH_PARTS = 2


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
        command=shlex.join(as_typed(run.config.get("environment", {}).get("command", []))),
        head=top,
        sections=[drawn(section) for section in parts],
    )


def about(run: RunRecord) -> list[str]:
    """Which data, from when to when, what was trained on them, when, for how long and by which version."""
    parts = [shortened(str(run.config.get("data", "")))]
    if "bars" in run.facts:
        parts.append(span(run.facts["bars"], zone=exchange_zone(run.settings)))
    if "network" in run.config and "members" in run.settings:
        networks = counted(run.settings["members"], "network")
        parts.append(f"{networks} of {counted(run.config['network']['parameters'], 'parameter')}")
    if run.logged is not None:
        first, last = run.logged
        parts.append(f"{first:%Y-%m-%d %H:%M} UTC, {describe_duration(last - first)}")
    made_by = run.config.get("environment", {}).get("packages", {}).get("tailproof")
    parts.append(f"tailproof {made_by}" if made_by else "")
    return [each for each in parts if each]


def shortened(path: str) -> str:
    """The last two parts of a path; the command on the page has all of it.

    >>> shortened("/home/me/data/es.csv"), shortened("es.csv")
    ('…/data/es.csv', 'es.csv')
    """
    parts = PurePath(path).parts
    return path if len(parts) <= MAX_PATH_PARTS else "/".join(("…", *parts[-MAX_PATH_PARTS:]))
