"""Runs on the screen: a table in a terminal, tab-separated lines elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tailproof.core.printable import printable
from tailproof.report.run_list import RunLine

HEAD = ("run", "ended (UTC)", "state", "verdict", "rank IC", "skill", "test rows", "data")
TO_THE_MINUTE = len("2026-11-28 18:18")
NUMBERS = {"rank IC", "skill", "test rows"}


def show(lines: Sequence[RunLine], *, of: int, console: Console | None = None) -> None:
    """Print runs; names and paths are shown as they are, never read as markup."""
    console = console or Console()
    if not console.is_terminal:
        for row in (HEAD, *map(_cells, lines)):
            console.file.write("\t".join(" ".join(cell.split()) for cell in row) + "\n")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in HEAD:
        table.add_column(name, justify="right" if name in NUMBERS else "left", overflow="fold")
    for line in lines:
        table.add_row(*(Text(cell) for cell in _cells(line)))
    console.print(table)
    console.print(f"{len(lines)} of {of} runs", style="dim")


def _cells(line: RunLine) -> tuple[str, ...]:
    ic = "-" if math.isnan(line.rank_ic) else f"{line.rank_ic:+.4f}"
    skill = "-" if math.isnan(line.skill) else f"{line.skill:+.4%}"
    rows = f"{line.rows:,}" if line.rows else "-"
    texts = (
        line.name,
        line.ended[:TO_THE_MINUTE] or "-",
        line.state,
        line.verdict or "-",
        ic,
        skill,
        rows,
        line.data or "-",
    )
    return tuple(printable(text, allowed="") for text in texts)
