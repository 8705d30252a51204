"""Seconds until ``import tailproof`` and short commands are done, in fresh processes: python -m benchmarks.start_up

Prints the best of ten wall times, and beside it the processor's time, which other work on the machine changes less.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

RUNS = 10
CASES = {
    "python -c pass": ("-c", "pass"),
    "import tailproof": ("-c", "import tailproof"),
    "tailproof --help": ("-m", "tailproof", "--help"),
    "tailproof --version": ("-m", "tailproof", "--version"),
    "tailproof train --help": ("-m", "tailproof", "train", "--help"),
}


def best(arguments: tuple[str, ...]) -> tuple[float, float]:
    """Least wall and processor seconds of ``RUNS`` processes, the interpreter's own start included."""
    wall, processor = [], []
    for _ in range(RUNS):
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
        wall.append(time.perf_counter() - started)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(wall), min(processor)


def main() -> None:
    """Print one line for each case."""
    for name, arguments in CASES.items():
        wall, processor = best(arguments)
        print(f"{name:<24} {wall:6.3f} s wall  {processor:6.3f} s processor")


if __name__ == "__main__":
    main()
