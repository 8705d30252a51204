"""``make test-faults``: how often each promise about faults was broken, as a table.

python -m tests.faults.run [--scale SHARE] [--seed NUMBER] [--only TEXT]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from tests.faults.promises import damaged, extremes, full_disk, kept, names, native_blocks, stopped, system
from tests.faults.promises.ground import Ground, Promise, prepare

PROMISES = (
    *stopped.PROMISES,
    *kept.PROMISES,
    *damaged.PROMISES,
    *extremes.PROMISES,
    *names.PROMISES,
    *native_blocks.PROMISES,
    *system.PROMISES,
    *full_disk.PROMISES,
)
MAX_SHOWN = 5
"""Broken trials of a promise whose reasons are printed."""


def main() -> None:
    """Print one row for each promise; exit code 1 where one was broken."""
    options = _options()
    began, broken = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="tailproof-faults-") as folder:
        ground = prepare(Path(folder), seed=options.seed)
        print("| promise | broken | of trials | seconds |\n|---|---|---|---|")
        for promise in PROMISES:
            if options.only in promise.text:
                broken += _try(promise, ground, count=max(1, round(promise.count * options.scale)))
    print(f"\n{broken} broken in {time.monotonic() - began:.0f} s (seed {options.seed}, scale {options.scale:g}).")
    sys.exit(1 if broken else 0)


def _try(promise: Promise, ground: Ground, *, count: int) -> int:
    began = time.monotonic()
    broken = 0
    for number, trial in enumerate(islice(promise.trials(ground), count), start=1):
        if (fault := trial()) is not None:
            broken += 1
            if broken <= MAX_SHOWN:  # at once: a campaign may be cut off
                print(f"  broken: trial {number}: {fault}", file=sys.stderr, flush=True)
    print(f"| {promise.text} | {broken} | {count:,} | {time.monotonic() - began:.0f} |", flush=True)
    return broken


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="share of each promise's trials; 1 = all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="promises whose text holds this")
    return parser.parse_args()


if __name__ == "__main__":
    main()
