"""Peak memory of a whole training run on bars of any length.

    python -m benchmarks.train_memory FILE.csv [--members M] [--epochs E] [--folds F] [--placebos P]

FILE is made by ``tailproof simulate --rows N --out FILE.csv``. The peak is told for each part of the run, by the last
line that the run had said. One process a file, since memory once freed is not always given back.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from benchmarks.peaks import Peaks

PARTS = (
    ("Causality audit", "folds and verdict"),
    ("Run folder", "report"),
)
"""The part of a run that begins with a line that starts so."""


def measure(path: Path, options: dict[str, int]) -> list[str]:
    """Lines of figures."""
    from tailproof.pipeline import train
    from tailproof.report import Lines
    from tailproof.settings.train_settings import load_settings

    parts: list[tuple[str, Peaks]] = []

    def begin(name: str) -> None:
        if parts:
            parts[-1][1].__exit__()
        parts.append((name, Peaks().__enter__()))

    def log(line: str) -> None:
        for start, name in PARTS:
            if line.startswith(start):
                begin(name)

    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TAILPROOF_CACHE"] = folder
        begin("reading, features and audit")
        train(path, settings=load_settings(overrides=options), out=Path(folder) / "run", reporter=Lines(log))
        parts[-1][1].__exit__()
    seconds = time.perf_counter() - began
    flags = " ".join(f"--{name} {value}" for name, value in options.items())
    lines = [f"{path.name}: train {flags}; {seconds:.0f} s"]
    lines += [f"  {name:32} RssAnon {peak.anonymous:6,} MB, RssFile {peak.file:6,} MB" for name, peak in parts]
    return lines


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    for name, least in (("members", 1), ("epochs", 1), ("folds", 2), ("placebos", 19)):
        parser.add_argument(f"--{name}", type=int, default=least)
    options = vars(parser.parse_args())
    print("\n".join(measure(options.pop("file"), options)))


if __name__ == "__main__":
    main()
