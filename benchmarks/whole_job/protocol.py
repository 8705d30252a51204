"""The whole honest protocol at its defaults, from a CSV file to the report.

5 folds of 4 members and 19 placebos of as many, 3 epochs, batch 64, baselines, bootstrap, backtest. ``make bench``
gives it 1,142,809 simulated bars.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.whole_job.command import train


def main() -> None:
    """Print one line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--csv", type=Path, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(train(options.csv, (), folder=Path(name))))


if __name__ == "__main__":
    main()
