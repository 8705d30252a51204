"""Where the seconds of the original command go: its stages under cProfile, and the time of its imports.

Profiling adds to Python code and not to native code, so that a stage of many small calls looks dearer than it is.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import re
import runpy
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.whole_job.original_command import arguments

MIN_SECONDS = 0.02
PIPELINE = tuple(f"tailproof/{name}.py" for name in ("pipeline", "run_training", "run_files"))


def main() -> None:
    """Print seconds by stage and by imported package."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--csv", type=Path, required=True)
    csv = parser.parse_args().csv
    with tempfile.TemporaryDirectory() as name:
        os.environ["TAILPROOF_CACHE"] = f"{name}/cache"
        imports = import_seconds(arguments(csv, Path(name) / "imports"))
        os.environ["TAILPROOF_CACHE"] = f"{name}/cache2"
        wall, stages = stage_seconds(arguments(csv, Path(name) / "run"))
    print(json.dumps({"wall_seconds_profiled": wall, "stages": stages, "imports": imports}))


def import_seconds(command: list[str]) -> dict[str, float]:
    """Seconds by top-level package, each module's own time, over a whole run of the command."""
    environment = {**os.environ, "PYTHONPATH": "."}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command], env=environment, capture_output=True, text=True, check=True
    )
    own: Counter[str] = Counter()
    for found in re.finditer(r"import time:\s+(\d+) \|\s+\d+ \|\s+([\w.]+)", done.stderr):
        own[found[2].split(".")[0]] += int(found[1])
    seconds = {package: micros * 1e-6 for package, micros in own.most_common() if micros * 1e-6 >= MIN_SECONDS}
    return {"all": sum(own.values()) * 1e-6, **seconds}


def stage_seconds(command: list[str]) -> tuple[float, dict[str, float]]:
    """Wall clock of the command in this process, and seconds inside every function that pipeline.py calls."""
    sys.argv = command
    profile = cProfile.Profile()
    started = time.perf_counter()
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        sys.stdout, kept = nowhere, sys.stdout
        try:
            profile.runcall(_run, command[0])
        finally:
            sys.stdout = kept
    return time.perf_counter() - started, called_by_pipeline(pstats.Stats(profile))


def called_by_pipeline(stats: Any) -> dict[str, float]:
    """Cumulative seconds, by "caller: callee", of what functions of pipeline.py, and what it is parted into, call."""
    calls: Counter[str] = Counter()
    for (_, _, callee), (_, _, _, _, callers) in stats.stats.items():
        for (file, _, caller), timing in callers.items():
            if file.endswith(PIPELINE):
                calls[f"{caller}: {callee}"] += timing[3]
    return {name: seconds for name, seconds in calls.most_common() if seconds >= MIN_SECONDS}


def _run(script: str) -> None:
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise


if __name__ == "__main__":
    main()
