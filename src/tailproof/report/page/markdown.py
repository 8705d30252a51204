"""Sections → Markdown, for people who paste into issues; figures stay in the HTML page."""

from __future__ import annotations

import html
import re

from tailproof.report.page.page_section import Section, Table

ACTIVE = re.compile(r"([\\`*_\[\]<>|#&!~])")


def escaped(text: str) -> str:
    """Text that Markdown, and the HTML inside it, shows as it is.

    >>> print(escaped("<b> a_b | c"))
    \\<b\\> a\\_b \\| c
    """
    return ACTIVE.sub(r"\\\1", " ".join(text.split()))


def markdown_table(table: Table) -> list[str]:
    """A table as lines, with its title and reading; numbers to the right."""
    right = [bool(table.rows) and cell.order is not None for cell in (table.rows[0] if table.rows else ())]
    lines = [f"**{escaped(table.title)}.** {escaped(table.reading)}", "", _row(list(table.head))]
    lines.append("|" + "|".join("---:" if each else "---" for each in right) + "|")
    return [*lines, *(_row([cell.text for cell in row]) for row in table.rows), ""]


def markdown_section(section: Section) -> list[str]:
    """A section as lines: lead, command, tables, notes."""
    lines = [f"## {escaped(section.title)}", ""]
    if section.lead:
        lines += [escaped(section.lead), ""]
    if section.code:
        lines += [code(section.code), ""]
    for table in section.tables:
        lines += markdown_table(table)
    for table in section.folded:
        lines += folded(table)
    if section.notes:
        lines += [*(f"- {escaped(note)}" for note in section.notes), ""]
    return lines


def folded(table: Table) -> list[str]:
    """A table that a reader opens, where Markdown is shown as GitHub does."""
    title = html.escape(table.title)
    return [f"<details><summary>{title}</summary>", "", *markdown_table(table), "</details>", ""]


def code(text: str) -> str:
    """A block of code that no backtick inside can end.

    >>> print(code("tailproof demo"))
    ```sh
    tailproof demo
    ```
    """
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sh\n{text}\n{fence}"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(escaped(cell) for cell in cells) + " |"
