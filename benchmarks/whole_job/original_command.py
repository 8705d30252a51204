"""The original command, from a CSV file in a warm file cache to a finished run folder: wall clock and peak memory.

Every run has an empty cache of its own, so that nothing read before is reused; one run more, with the cache of the run
before it, is reported beside them. Standard library only, see ``child.py``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.child import Finished, run

RUNS = 5


def arguments(csv: Path, out: Path) -> list[str]:
    """The command as it stands in the README, with this file and this folder."""
    settings = "--epochs 3 --batch_size 16 --learning_rate 1e-4 --hidden_dims 16 8 --dropout_rate 0.1 --verbose"
    return ["src/ml/train_robust.py", "--data", str(csv), "--output_dir", str(out), *settings.split()]


def run_once(csv: Path, folder: Path, *, cache: Path) -> Finished:
    """One run; it must leave a finished run folder.

    Raises:
        SystemExit: it did not.
    """
    out = Path(tempfile.mkdtemp(dir=folder)) / "run"
    environment = {"PYTHONPATH": ".", "TAILPROOF_CACHE": str(cache)}
    finished = run([sys.executable, *arguments(csv, out)], one_core=False, environment=environment)
    if finished.code or not (out / "manifest.json").is_file():
        raise SystemExit(f"the original command failed:\n{finished.error}")
    return finished


def main() -> None:
    """Warm the file cache with one run, then measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=RUNS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_once(options.csv, folder, cache=folder / "cache")
        runs = [run_once(options.csv, folder, cache=folder / f"cache{number}") for number in range(options.runs)]
        again = run_once(options.csv, folder, cache=folder / "cache0")
    walls = sorted(each.wall_seconds for each in runs)
    result = {
        "wall_seconds": walls[0],
        "wall_seconds_median": walls[len(walls) // 2],
        "peak_mib": max(each.peak_mib for each in runs),
        "cpu_seconds": min(each.cpu_seconds for each in runs),
        "runs": len(runs),
        "with_cache": {name: value for name, value in asdict(again).items() if name in ("wall_seconds", "peak_mib")},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
