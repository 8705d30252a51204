"""``tailproof watch``: follow a run from another terminal."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path


def watch(run: Path, /) -> None:
    """Show the log of a run as it grows, until the run ends; exit code 1 where it was stopped before its end.

    Parameters
    ----------
    run
        Folder of the run.
    """
    from tailproof.report.screen import folded
    from tailproof.report.watch import watch as follow

    def show(line: str) -> None:
        wide = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        print(folded(line, width=wide) if wide else line, flush=True)

    finished = follow(run, show=show)
    if not finished:
        print(f"tailproof: {run}: the run ended without a manifest: it was stopped", file=sys.stderr)
        sys.exit(1)
