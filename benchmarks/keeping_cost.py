"""The share of a run's time that it spends on being kept, guarded and checked.

    python -m benchmarks.keeping_cost [--csv BARS] [--pairs N] [--seconds S] [options of tailproof train]

Without ``--csv`` the bars are simulated: 1,142,809 minutes. The run is trained in this process with clocks around every
time that it is kept for ``--resume`` (taking the state, writing, waiting for the disk), around its files, and around
what is checked before it trains and at its end.

The guard against loss spikes works inside the training step, where no clock fits. Its cost is measured after the run,
on a part of the run's own first fit: pairs of fits, one with the guard and one without, whose order changes from pair
to pair, so that a slow moment touches both. The median of the ratios counts, with an interval between two of the
ordered ratios that holds the true median in 95 of 100 measurements, whatever the noise looks like. Seconds of the wall
and of the processor are told apart: on a busy machine only the latter are worth anything.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from math import comb
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from tailproof import pipeline
from tailproof.cli.main import main as tailproof
from tailproof.engines.interface import TrainingJob
from tailproof.engines.lanes import LanesEngine
from tailproof.runs import open_run, prepared_run
from tailproof.runs.checkpointer import Checkpointer
from tailproof.storage import RunFolder, ledger

CLOCKED: dict[str, tuple[tuple[type | ModuleType, str], ...]] = {
    "kept for --resume": ((Checkpointer, "_keep"),),
    "files written and flushed": ((RunFolder, "write_bytes"), (RunFolder, "append_line")),
    "manifest and ledger": ((RunFolder, "finish"), (RunFolder, "close"), (ledger, "append")),
    "room, memory and time asked for": (
        (ledger, "refuse_unusable"),
        (open_run, "refuse_no_room"),
        (prepared_run, "refuse_no_memory"),
        (pipeline, "time_lines"),
    ),
    "fits": ((LanesEngine, "fit"),),
}
FITS = "fits"
"""The training itself, inside which the run is kept."""
ROWS, PAIRS, SECONDS = 1_142_809, 31, 1.5
COVERAGE = 0.95


@dataclass(frozen=True, kw_only=True)
class Spent:
    """Seconds of the wall and of the processor (all threads of this process)."""

    wall: float
    processor: float

    @classmethod
    def now(cls) -> Spent:
        """What both clocks show."""
        return cls(wall=time.perf_counter(), processor=time.process_time())

    def __sub__(self, other: Spent) -> Spent:
        return Spent(wall=self.wall - other.wall, processor=self.processor - other.processor)

    def __add__(self, other: Spent) -> Spent:
        return Spent(wall=self.wall + other.wall, processor=self.processor + other.processor)


NOTHING = Spent(wall=0.0, processor=0.0)


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share of the time with its interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.value:.2f} % ({100 * self.low:.2f} to {100 * self.high:.2f})"


class Clocks:
    """Time spent in functions, by what they are for; what one calls of another is counted once, but for the fits."""

    def __init__(self, clocked: Mapping[str, Sequence[tuple[Any, str]]] = CLOCKED) -> None:
        self.spent: dict[str, Spent] = defaultdict(lambda: NOTHING)
        self.times: dict[str, int] = defaultdict(int)
        self._inside = False
        for what, places in clocked.items():
            for owner, name in places:
                setattr(owner, name, self._timed(what, getattr(owner, name)))

    def _timed(self, what: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            if self._inside and what != FITS:
                return function(*arguments, **named)
            began, inside = Spent.now(), self._inside
            self._inside = what != FITS
            try:
                return function(*arguments, **named)
            finally:
                self._inside = inside
                self.times[what] += 1
                self.spent[what] += Spent.now() - began

        return timed

    @property
    def counted(self) -> Spent:
        """All but the fits."""
        return sum((spent for what, spent in self.spent.items() if what != FITS), start=NOTHING)


def first_job() -> list[TrainingJob]:
    """A list that the job of the first fit will be in."""
    jobs: list[TrainingJob] = []
    fit = LanesEngine.fit

    def remembering(self: LanesEngine, job: TrainingJob, **named: Any) -> Any:
        if not jobs:
            jobs.append(job)
        return fit(self, job, **named)

    LanesEngine.fit = remembering  # type: ignore[method-assign]
    return jobs


def guard_shares(job: TrainingJob, *, pairs: int, seconds: float) -> dict[str, Share]:
    """Shares of a fit's wall and processor time that the guard against spikes takes.

    Args:
        job: of a run; each fit takes the first of its training rows, for one epoch.
        pairs: of fits.
        seconds: that a fit lasts, where the job has rows enough.
    """
    rows = min(len(job.train), 20_000)
    took = _fit(job, rows=rows, guarded=True).wall  # the first one touches the rows: not counted
    took = _fit(job, rows=rows, guarded=True).wall
    rows = min(len(job.train), max(rows, int(rows * seconds / took)))
    ratios: dict[str, list[float]] = {"wall": [], "processor": []}
    for pair in range(pairs):
        order = (True, False) if pair % 2 == 0 else (False, True)
        spent = {guarded: _fit(job, rows=rows, guarded=guarded) for guarded in order}
        for clock, each in ratios.items():
            each.append(getattr(spent[False], clock) / getattr(spent[True], clock))
    return {clock: share_of(each) for clock, each in ratios.items()}


def share_of(without_by_with: Sequence[float]) -> Share:
    """What lies between the median of ratios and 1, with the interval of the median.

    >>> print(share_of([0.97, 0.98, 0.99, 0.98, 0.985, 0.975, 0.98]))
    2.00 % (1.00 to 3.00)
    """
    ratios = sorted(without_by_with)
    low, high = median_ranks(len(ratios))
    return Share(value=1.0 - float(np.median(ratios)), low=1.0 - ratios[high], high=1.0 - ratios[low])


def median_ranks(count: int) -> tuple[int, int]:
    """Places, counted from 0, of the ordered values between which the median lies with at least 95 % probability.

    The outermost ones where the values are too few for that.

    >>> median_ranks(31), median_ranks(9), median_ranks(3)
    ((9, 21), (1, 7), (0, 2))
    """
    outside, place = 0.0, 0
    while place < count // 2:
        outside += 2 * comb(count, place) / 2**count
        if outside > 1.0 - COVERAGE:
            break
        place += 1
    first = max(0, place - 1)
    return first, count - 1 - first


def _fit(job: TrainingJob, *, rows: int, guarded: bool) -> Spent:
    spikes = job.optimisation.spikes if guarded else replace(job.optimisation.spikes, limit=0.0)
    brief = replace(job.optimisation, epochs=1, average_epochs=1, patience=0, spikes=spikes)
    part = replace(job, train=job.train[:rows], validation=range(0), optimisation=brief)
    began = Spent.now()
    LanesEngine(threads=1).fit(part, on_event=lambda _: None)
    return Spent.now() - began


def measured(csv: Path, options: Sequence[str], *, folder: Path, pairs: int, seconds: float) -> dict[str, Any]:
    """Train on a file, then measure the guard; shares of the run's time by what they are for."""
    os.environ["TAILPROOF_CACHE"] = str(folder / "cache")
    jobs, clocks = first_job(), Clocks()
    began = Spent.now()
    with redirect_stdout(sys.stderr):
        tailproof(["train", str(csv), "--out", str(folder / "run"), "--engine", "lanes", *options])
    whole = Spent.now() - began
    fits, counted, lines = clocks.spent[FITS], clocks.counted, dict(clocks.spent)  # the fits below are none of the run
    times = dict(clocks.times)
    guard = guard_shares(jobs[0], pairs=pairs, seconds=seconds)
    result: dict[str, Any] = {"wall_seconds": whole.wall, "cpu_seconds": whole.processor, "pairs": pairs}
    result["parts"] = {
        what: {"times": times[what], "wall": spent.wall, "processor": spent.processor} for what, spent in lines.items()
    }
    result["shares"] = {}
    for clock in ("wall", "processor"):
        share = guard[clock]
        fixed = getattr(counted, clock) / getattr(whole, clock)
        trained = getattr(fits, clock) / getattr(whole, clock)
        together = Share(
            value=fixed + trained * share.value, low=fixed + trained * share.low, high=fixed + trained * share.high
        )
        result["shares"][clock] = {"clocked": fixed, "guard of a fit": vars(share), "together": vars(together)}
    return result


def report(result: Mapping[str, Any]) -> str:
    """The result as lines to read."""
    lines = [f"The run: {result['wall_seconds']:.1f} s, {result['cpu_seconds']:.1f} s of the processor."]
    for what, spent in result["parts"].items():
        share = spent["wall"] / result["wall_seconds"]
        lines.append(f"  {what}: {spent['times']} times, {spent['wall']:.3f} s, {share:.2%}")
    for clock in ("wall", "processor"):
        guard, together = (Share(**result["shares"][clock][name]) for name in ("guard of a fit", "together"))
        lines.append(f"  guard against spikes: {guard} of a fit's {clock} time, {result['pairs']} pairs")
        lines.append(f"  together: {together} of the run's {clock} time")
    return "\n".join(lines)


def main() -> None:
    """Print lines to read on standard error, and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each fit")
    known, options = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        csv = known.csv or folder / "simulated.csv"
        if known.csv is None:
            with redirect_stdout(sys.stderr):
                tailproof(["simulate", "--rows", str(ROWS), "--ic", "0.02", "--out", str(csv)])
        result = measured(csv, options, folder=folder, pairs=known.pairs, seconds=known.seconds)
    print(report(result), file=sys.stderr)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
