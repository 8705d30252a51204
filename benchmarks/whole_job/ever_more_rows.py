"""``tailproof train`` at its defaults with one member and no placebos, on a million rows and on 20 million.

What does not grow with the rows is paid once, so that the seconds a row may fall but must not rise. 20 million rows are
a CSV file of more than a gigabyte in the folder for temporary files, and take most of an hour on two cores.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.whole_job.command import command, train

SETTINGS = ("--members", "1", "--placebos", "0")


def main() -> None:
    """Print one line of JSON; the bars are made first and not timed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 20_000_000])
    options = parser.parse_args()
    runs = []
    for rows in options.rows:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            bars = folder / "bars.csv"
            command(["simulate", "--rows", str(rows), "--out", str(bars)], cache=folder)
            runs.append({"rows": rows, **train(bars, SETTINGS, folder=folder)})
    print(json.dumps({"runs": runs}))


if __name__ == "__main__":
    main()
