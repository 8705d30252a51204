"""Run by hand: the share of a run's time that it spends on being kept, guarded and checked.

    python -m benchmarks.keeping_cost DATA --out RUN [options of tailproof train]

Runs the command in this process with a clock around every time that the run is kept for ``--resume`` (taking the state,
writing, waiting for the disk), around its files, and around what is checked before it trains and at its end. What the
guard against loss spikes costs is measured after it, on a part of the run's own first fit: the least processor time of
several fits with it and without it, in turn.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

from tailproof import pipeline
from tailproof.cli.main import main
from tailproof.engines.interface import TrainingJob
from tailproof.engines.lanes import LanesEngine
from tailproof.runs import open_run, prepared_run
from tailproof.runs.checkpointer import Checkpointer
from tailproof.storage import RunFolder, ledger

CLOCKED: dict[str, tuple[tuple[type | ModuleType, str], ...]] = {
    "kept for --resume": ((Checkpointer, "_keep"),),
    "its fingerprint, part of that": ((Checkpointer, "_run_fingerprint"),),
    "files written and flushed": ((RunFolder, "write_bytes"), (RunFolder, "append_line")),
    "manifest and ledger": ((RunFolder, "finish"), (RunFolder, "close"), (ledger, "append")),
    "room, memory and time asked for": (
        (open_run, "refuse_no_room"),
        (prepared_run, "refuse_no_memory"),
        (pipeline, "time_lines"),
    ),
    "fits": ((LanesEngine, "fit"),),
}
PARTS = ("its fingerprint, part of that", "fits")
"""Counted in another line already, or the training itself."""
FITS, ROWS = 5, 100_000


class Clocks:
    """Seconds spent in functions, by what they are for."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        for what, places in CLOCKED.items():
            for owner, name in places:
                setattr(owner, name, self._timed(what, getattr(owner, name)))

    def _timed(self, what: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds[what].append(time.perf_counter() - began)

        return timed


def first_job() -> list[TrainingJob]:
    """A list that the job of the first fit will be in."""
    jobs: list[TrainingJob] = []
    fit = LanesEngine.fit

    def kept(self: LanesEngine, job: TrainingJob, **named: Any) -> Any:
        if not jobs:
            jobs.append(job)
        return fit(self, job, **named)

    LanesEngine.fit = kept  # type: ignore[method-assign]
    return jobs


def guard_share(job: TrainingJob) -> float:
    """Share of a fit's processor time that the guard against spikes takes."""
    engine, least = LanesEngine(threads=1), {True: float("inf"), False: float("inf")}
    brief = replace(job.optimisation, epochs=1, average_epochs=1, patience=0)
    for _ in range(FITS):
        for guarded in (True, False):
            spikes = job.optimisation.spikes if guarded else replace(job.optimisation.spikes, limit=0.0)
            part = replace(job, train=job.train[:ROWS], validation=range(0), optimisation=replace(brief, spikes=spikes))
            began = time.process_time()
            engine.fit(part, on_event=lambda _: None)
            least[guarded] = min(least[guarded], time.process_time() - began)
    return 1.0 - least[False] / least[True]


if __name__ == "__main__":
    jobs, clocks = first_job(), Clocks()
    began = time.perf_counter()
    main(["train", *sys.argv[1:]])
    whole = time.perf_counter() - began
    fits = sum(clocks.seconds["fits"])  # before the fits that measure the guard
    print(f"The run: {whole:.1f} s.")
    for what, seconds in clocks.seconds.items():
        print(f"  {what}: {len(seconds)} times, {sum(seconds):.3f} s, {sum(seconds) / whole:.2%}")
    share = guard_share(jobs[0])
    guard = max(share, 0.0) * fits / whole
    counted = sum(sum(seconds) for what, seconds in clocks.seconds.items() if what not in PARTS) / whole
    print(f"  guard against spikes: {share:.2%} of a fit's processor time, {guard:.2%}")
    print(f"  together: {counted + guard:.2%}")
