"""``tailproof watch``: follow a run from another terminal."""

from __future__ import annotations

import sys
from pathlib import Path


def watch(run: Path, /) -> None:
    """Show what a run has said and goes on saying, until it ends; exit code 1 where it was stopped before its end.

    Parameters
    ----------
    run
        Folder of the run.
    """
    from tailproof.report.watch import watch as follow

    finished = follow(run, say=lambda line: print(line, flush=True))
    if not finished:
        print(f"tailproof: {run}: the run ended without a manifest: it was stopped", file=sys.stderr)
        sys.exit(1)
