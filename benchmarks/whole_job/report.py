"""The page of a run with a million test rows, made again from its folder: seconds and size.

The run trains on the first hundredth of the bars, so that nearly all of them are test rows.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.whole_job.command import command

RUNS = 5
QUICK_RUN = "--split holdout --train-fraction 0.01 --validation-fraction 0.01 --members 1 --epochs 1 --placebos 0"


def main() -> None:
    """Print one line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=RUNS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        run, cache = Path(name) / "run", Path(name) / "cache"
        pages = [Path(name) / f"page {number}.html" for number in range(options.runs)]
        training = ["train", str(options.csv), "--out", str(run), *QUICK_RUN.split(), "--no-baselines"]
        command(training, cache=cache)
        calls = [command(["report", str(run), "--out", str(page)], cache=cache) for page in pages]
        rows = json.loads((run / "report_data.json").read_text())["rows"]["kept"]
        megabytes = pages[0].stat().st_size / 1e6
    walls = sorted(each.wall_seconds for each in calls)
    result = {
        "rows": rows,
        "wall_seconds": walls[0],
        "wall_seconds_median": walls[len(walls) // 2],
        "cpu_seconds": min(each.cpu_seconds for each in calls),
        "peak_mib": max(each.peak_mib for each in calls),
        "megabytes": megabytes,
        "runs": len(calls),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
