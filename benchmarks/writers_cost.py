"""Run by hand: what the writers for TensorBoard and MLflow cost a run.

    python -m benchmarks.writers_cost [--turns N] [--rows N] [--log-interval N] [--mlflow ADDRESS]

The same training again and again in one process, without a writer and with each, in turns whose order changes; the
ratios are those of neighbours in one turn, so that a slow hour touches both sides. ``training`` is the time inside
``train_on_bars``, in which a writer may do nothing but put records down; ``whole`` also waits until everything is
written. Processor seconds are those of all threads of this process; an MLflow server's own are not in them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from tailproof import pipeline
from tailproof.bars.load import load_frame
from tailproof.bars.simulate import simulate
from tailproof.core.records import Bars
from tailproof.report.writers import writers
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.train_settings import TrainSettings

FIGURES = ("training wall", "training processor", "whole wall", "whole processor")


def main() -> None:
    """Print one line a case and figure: the median ratio to the run without a writer, and the quartiles."""
    options = _options()
    bars = load_frame(simulate(rows=options.rows, ic=0.0, seed=0), ReadOptions(), name="simulated").bars
    settings = TrainSettings(
        engine="lanes", folds=2, placebos=0, baselines=False, members=8, epochs=3, log_interval=options.log_interval
    )
    cases: dict[str, dict[str, Any]] = {"none": {}, "TensorBoard": {"tensorboard": True}}
    if options.mlflow:
        cases["MLflow"] = {"mlflow": options.mlflow}
    with tempfile.TemporaryDirectory() as scratch:
        for writers in cases.values():  # imports, caches, the writers' first files
            timed(bars, settings, Path(scratch), **writers)
        turns = [turn(bars, settings, Path(scratch), cases, number) for number in range(options.turns)]
    print(f"load {os.getloadavg()[0]:.1f}, {options.turns} turns, {options.rows:,} bars, an interval every "
          f"{options.log_interval} steps")  # fmt: skip
    for place, figure in enumerate(FIGURES):
        base = median(turn["none"][place] for turn in turns)
        print(f"{figure:<20} none {base:.2f} s", end="")
        for name in list(cases)[1:]:
            ratio = sorted(turn[name][place] / turn["none"][place] for turn in turns)
            low, high = ratio[len(ratio) // 4], ratio[-1 - len(ratio) // 4]
            print(f"   {name} {median(ratio):.3f} ({low:.3f} to {high:.3f})", end="")
        print()


def turn(
    bars: Bars, settings: TrainSettings, scratch: Path, cases: dict[str, dict[str, Any]], number: int
) -> dict[str, tuple[float, ...]]:
    """Every case once; who begins changes from turn to turn."""
    names = list(cases)[number % len(cases) :] + list(cases)[: number % len(cases)]
    return {name: timed(bars, settings, scratch, **cases[name]) for name in names}


def timed(
    bars: Bars, settings: TrainSettings, scratch: Path, *, tensorboard: bool = False, mlflow: str | None = None
) -> tuple[float, ...]:
    """Seconds of one run, in the order of ``FIGURES``; its folder is taken away."""
    out, events = scratch / "run", scratch / "events" if tensorboard else None
    wall, processor = time.perf_counter(), time.process_time()
    with writers(out, tensorboard=events, mlflow=mlflow, overwrite=True) as curves:
        began, began_processor = time.perf_counter(), time.process_time()
        pipeline.train_on_bars(bars, settings=settings, out=out, reporter=curves)
        training = time.perf_counter() - began, time.process_time() - began_processor
    whole = time.perf_counter() - wall, time.process_time() - processor
    shutil.rmtree(out)
    return *training, *whole


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=12)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--log-interval", type=int, default=100)
    parser.add_argument("--mlflow", default="", help="address of a tracking server that is running")
    return parser.parse_args()


if __name__ == "__main__":
    main()
