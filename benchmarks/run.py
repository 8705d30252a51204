"""Every benchmark, one process after another, and the table of what the project set out to reach.

    python -m benchmarks.run [--quick | --full] [--only NAME ...] [--out FOLDER] [--note TEXT]
    python -m benchmarks.run --only "refits with placebos"     each by its name, the long ones too
    python -m benchmarks.run --quality ...          the options of benchmarks.quality.compare

``--quick`` is a smoke test of seconds a benchmark on smaller jobs and writes no file; ``--full`` also runs the
1,024-member challenge from beginning to end, the refits with placebos and 20 million rows, which take an hour and more.
Only the standard library is imported here, see ``child.py``.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import machine, results_file, targets
from benchmarks.child import run
from benchmarks.plan import Benchmark, everything

ROOT = Path(__file__).parent.parent
ROWS_OF_THE_ORIGINAL = 1_142_809


def main() -> int:
    """Exit code 1 when a benchmark failed; a target that is not reached is no failure of the benchmark."""
    if "--quality" in sys.argv:
        from benchmarks.quality import compare

        return compare.main([each for each in sys.argv[1:] if each != "--quality"])
    options = _parser().parse_args()
    started = time.monotonic()
    loads: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        csv = Path(folder) / "simulated.csv"
        chosen = chosen_from(everything(csv, quick=options.quick), options)
        if any("--csv" in each.arguments for each in chosen):
            simulate(csv, rows=20_000 if options.quick else ROWS_OF_THE_ORIGINAL)
        results = {each.name: measure(each, options, loads) for each in chosen}
    about = {
        "date": f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}",
        "command": shlex.join(["python", "-m", "benchmarks.run", *sys.argv[1:]]),
        "minutes": (time.monotonic() - started) / 60,
        "machine": machine.describe(),
        "load_least": min(loads, default=0.0),
        "load_most": max(loads, default=0.0),
        "note": options.note,
    }
    finish(results, chosen, about, out=options.out, quick=options.quick)
    return 1 if any("failed" in each for each in results.values()) else 0


def chosen_from(benchmarks: Sequence[Benchmark], options: argparse.Namespace) -> list[Benchmark]:
    """Those that were named; else all, the long ones only in a full run and as a smoke test.

    Raises:
        SystemExit: a name is none of theirs.
    """
    if unknown := sorted(set(options.only) - {each.name for each in benchmarks}):
        raise SystemExit(f"--only must name benchmarks, got {', '.join(map(repr, unknown))}.")
    if options.only:
        return [each for each in benchmarks if each.name in options.only]
    return [each for each in benchmarks if options.full or options.quick or not each.long]


def measure(benchmark: Benchmark, options: argparse.Namespace, loads: list[float]) -> dict[str, Any]:
    """What one benchmark printed, with its wall clock and peak memory; a failed one says why."""
    more = benchmark.quick or () if options.quick else benchmark.full if options.full else ()
    loads.append(machine.load())
    command = [sys.executable, "-m", benchmark.module, *benchmark.arguments, *more]
    finished = run(command, one_core=benchmark.one_core)
    if finished.code:
        reason = (finished.error.strip().splitlines() or [f"exit code {finished.code}"])[-1]
        print(f"{benchmark.name:18} FAILED: {reason}", flush=True)
        return {"failed": reason, "load": loads[-1]}
    print(f"{benchmark.name:18} {finished.wall_seconds:6.1f} s", flush=True)
    process = {"wall": finished.wall_seconds, "cpu": finished.cpu_seconds, "load": loads[-1]}
    return {**process, "peak_mib": finished.peak_mib, **json.loads(finished.output.splitlines()[-1])}


def simulate(csv: Path, *, rows: int) -> None:
    """Write the bars of the whole jobs; they are then in the file cache."""
    code = "from tailproof.cli import main; main()"
    arguments = ["simulate", "--rows", str(rows), "--ic", "0.02", "--out", str(csv)]
    finished = run([sys.executable, "-c", code, *arguments], one_core=False)
    if finished.code:
        raise SystemExit(f"the bars could not be simulated:\n{finished.error}")


def finish(
    results: targets.Results, chosen: list[Benchmark], about: dict[str, Any], *, out: Path | None, quick: bool
) -> None:
    """Print the table and write the files; a smoke test has neither, as its jobs are smaller than the targets'."""
    if quick:
        print("A smoke test on smaller jobs: its figures say nothing, and no file was written.")
        return
    rows = targets.table(results)
    print()
    print(results_file.target_table(rows))
    path = results_file.write(
        out or ROOT / "benchmarks" / "results",
        results=results,
        rows=rows,
        about=about,
        titles=results_file.titles_of(chosen),
    )
    print(f"\nWritten: {path}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true")
    size.add_argument("--full", action="store_true")
    parser.add_argument("--only", nargs="+", default=[], help="names of benchmarks, as printed")
    parser.add_argument("--out", type=Path, help="folder of the results; benchmarks/results by default")
    parser.add_argument("--note", default="", help="a sentence about the machine's state for the results file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
