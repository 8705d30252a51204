"""A whole ``tailproof train`` as a process of its own: seconds, peak memory, and the verdict that it ended in.

Standard library only, see ``child.py``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.child import Finished, run

CLI = "from tailproof.cli import main; main()"


def command(arguments: Sequence[str], *, cache: Path) -> Finished:
    """Run a command of tailproof.

    Raises:
        SystemExit: it failed.
    """
    finished = run([sys.executable, "-c", CLI, *arguments], one_core=False, environment={"TAILPROOF_CACHE": str(cache)})
    if finished.code:
        raise SystemExit(f"tailproof {' '.join(arguments)} failed:\n{finished.error}")
    return finished


def train(bars: Path, options: Sequence[str], *, folder: Path) -> dict[str, Any]:
    """Train on a bar file, nothing of which was read before, with an empty cache of its own.

    Returns:
        Seconds, MiB, the folds that were judged, the networks of each, and the verdict.
    """
    out, cache = Path(tempfile.mkdtemp(dir=folder)) / "run", Path(tempfile.mkdtemp(dir=folder))
    finished = command(["train", str(bars), "--out", str(out), *options], cache=cache)
    verdict = json.loads((out / "verdict.json").read_text())
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    folds = [line for line in lines if line["kind"] == "fold" and line["fold"] > 0]
    return {
        "command": f"tailproof train BARS {' '.join(options)}".rstrip(),
        "wall_seconds": finished.wall_seconds,
        "cpu_seconds": finished.cpu_seconds,
        "peak_mib": finished.peak_mib,
        "folds": len(folds),
        "networks_a_fold": folds[0]["networks"],
        "verdict": verdict["verdict"],
        "rank_ic": verdict["rank_ic"]["value"],
    }
