"""One population of 4 members, refitted in every session: each fold starts from the members of the fold before it.

1,240,000 simulated minutes are about 900 sessions; the window is a tenth of them, so that 809 sessions are forecast
by members that were fitted on the 90 before each. ``--placebos 19`` refits 80 networks as often, which takes several
times as long: ``make bench`` leaves it to a full run.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.whole_job.command import command, train

REFITS = "--refit-every 1 --warm-start --window rolling --train-fraction 0.1 --engine lanes"


def main() -> None:
    """Print one line of JSON; the bars are made first and not timed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_240_000)
    parser.add_argument("--placebos", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bars = folder / "bars.parquet"
        simulated = ("--rows", str(options.rows), "--ic", "0.03", "--seed", "0", "--out", str(bars))
        command(["simulate", *simulated], cache=folder)
        settings = (*REFITS.split(), "--placebos", str(options.placebos))
        print(json.dumps(train(bars, settings, folder=folder)))


if __name__ == "__main__":
    main()
