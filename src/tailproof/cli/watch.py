"""``tailproof watch``: follow a run from another terminal."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tailproof.cli.printing import show


def watch(run: Path, /) -> None:
    """Show the log of a run as it grows, until the run ends; exit code 1 where it was stopped before its end.

    Parameters
    ----------
    run
        Folder of the run.
    """
    from tailproof.report.screen import folded
    from tailproof.report.watch import watch as follow

    def show_line(line: str) -> None:
        wide = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        show(folded(line, width=wide) if wide else line)
        sys.stdout.flush()

    finished = follow(run, show=show_line)
    if not finished:
        show(f"tailproof: {run}: the run ended without a manifest: it was stopped", error=True)
        sys.exit(1)
