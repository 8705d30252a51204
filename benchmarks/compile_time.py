"""Processor seconds that building the native modules takes, of one source tree or of several, one after another.

    python -m benchmarks.compile_time [TREE ...]

A tree is a folder with a CMakeLists.txt; this one by default. Each is built from nothing on one core; seconds are those
of the compilers, so that a busy machine disturbs them less than the clock.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.lanes.options import print_json

ROOT = Path(__file__).resolve().parents[1]


def build_seconds(tree: Path) -> float:
    """Processor seconds of a build of both modules."""
    with tempfile.TemporaryDirectory() as folder:
        configure = ["cmake", "-S", str(tree), "-B", folder, f"-DPython_EXECUTABLE={sys.executable}"]
        subprocess.run(configure, check=True, stdout=subprocess.DEVNULL)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(["cmake", "--build", folder], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the seconds of every tree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees", type=Path, nargs="*", default=[ROOT])
    trees = parser.parse_args().trees
    print_json({str(tree): round(build_seconds(tree.resolve()), 1) for tree in trees})


if __name__ == "__main__":
    main()
