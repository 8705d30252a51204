"""The network beside ridge, LightGBM and other networks, on real files and simulated worlds: a table.

    python -m benchmarks.quality.compare [--quick] [--data FOLDER] [--only NAME ...] [--without NAME ...] [--out FILE]

Real files are those of FOLDER, or of the folder that TAILPROOF_BENCH_DATA names, called NAME_1h_*.csv (hours of New
York) or NAME_1min_*.csv; they are skipped where there is no folder. All contestants have the same features, folds,
scaling and targets: those of ``tailproof train`` without options.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from benchmarks import machine
from benchmarks.quality.contestants import PEERS, Contestant, contestants
from benchmarks.quality.scores import Score, score_all
from benchmarks.quality.worlds import make_world
from tailproof.core.estimate import Estimate
from tailproof.core.records import Design
from tailproof.pipeline import read_bars
from tailproof.settings.train_settings import TrainSettings
from tailproof.tasks import TASKS
from tailproof.walkforward import bars_to_design

FOLDER = "TAILPROOF_BENCH_DATA"
SETTINGS = TrainSettings(placebos=0)
HOURS = SETTINGS.replace(timezone="America/New_York", session_gap="4d")
WORLDS = (
    ("linear", 20_000, 0.05),
    ("linear", 100_000, 0.03),
    ("linear", 400_000, 0.01),
    ("mixed", 40_000, 0.05),
    ("mixed", 200_000, 0.03),
    ("xor", 40_000, 0.05),
    ("xor", 200_000, 0.03),
    ("abs", 40_000, 0.05),
    ("abs", 200_000, 0.03),
    ("turning", 40_000, 0.05),
    ("turning", 200_000, 0.03),
    ("mixed", 1_000_000, 0.02),
)
"""Kind, rows and IC of the simulated worlds."""
QUICK = (("mixed", 3_000, 0.05),)

Case = tuple[str, Callable[[], Design]]


def main(arguments: list[str] | None = None) -> int:
    """Print the table as it grows; write it where that is asked for."""
    options = _parser().parse_args(arguments)
    folder = options.data or (Path(os.environ[FOLDER]) if FOLDER in os.environ else None)
    settings = SETTINGS.replace(members=2, epochs=1, folds=2) if options.quick else SETTINGS
    log = Page()
    log("skill in %; differences are the network less the other, with 95 % intervals by sessions or months (normal)")
    fields = contestants([name for name in PEERS if name not in options.without])
    for name in PEERS:
        if name not in fields:
            log(f"left out: {name}, {'as asked' if name in options.without else 'whose package is not installed'}")
    cases = [*real_files(folder, log=log, quick=options.quick), *_simulated(quick=options.quick)]
    score_cases(cases, fields, settings=settings, only=options.only, log=log)
    log.write(options.out)
    return 0


class Page:
    """Lines that are printed as they come, the machine first, and kept for a file."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        here = machine.describe()
        self(f"{here['cpu']}, {here['cores']} cores, commit {here['commit']}; load {machine.load():.1f} at the start")

    def __call__(self, line: str) -> None:
        """Print a line, and keep it."""
        self._lines.append(line)
        print(line, flush=True)

    def write(self, path: Path | None) -> None:
        """Write all lines to a file, where one is named."""
        if path:
            path.write_text("\n".join(self._lines) + "\n", encoding="utf-8")


def score_cases(
    cases: Iterable[Case],
    fields: Mapping[str, Contestant],
    *,
    settings: TrainSettings,
    only: Collection[str],
    log: Callable[[str], None],
) -> None:
    """Print a table for each case of which the name, up to a comma, is asked for, and the means over them."""
    scores: dict[str, dict[str, Score]] = {}
    for name, design in cases:
        if not only or name.split(",")[0] in only:
            scores[name] = score_all(design(), fields, settings=settings)
            log(table(name, scores[name]))
    log(means(scores))


def table(name: str, scores: dict[str, Score]) -> str:
    """One line per contestant."""
    lines = [f"\n{name:22} {'IC':>8} {'skill':>8} {'slope':>6} {'seconds':>8}   {'difference of IC':28} of skill"]
    for contestant, score in scores.items():
        figures = f"{score.rank_ic:8.4f} {100 * score.skill:+8.3f} {score.slope:6.2f} {score.seconds:8.1f}"
        less = score.network_less_it
        beside = "" if less is None else f"   {_interval(less.rank_ic, 1.0):28} {_interval(less.skill, 100.0)}"
        lines.append(f"  {contestant:20} {figures}{beside}")
    return "\n".join(lines)


def means(scores: dict[str, dict[str, Score]]) -> str:
    """Mean IC and skill over all cases, and the median slope."""
    lines = [f"\nall {len(scores)} cases: mean IC, mean skill, median slope, seconds"]
    for contestant in next(iter(scores.values()), {}):
        its = [each[contestant] for each in scores.values()]
        ic, skill = np.mean([each.rank_ic for each in its]), 100 * np.mean([each.skill for each in its])
        slope, seconds = np.median([each.slope for each in its]), sum(each.seconds for each in its)
        lines.append(f"  {contestant:20} {ic:8.4f} {skill:+8.3f} {slope:6.2f} {seconds:8.1f}")
    return "\n".join(lines)


def _interval(estimate: Estimate, unit: float) -> str:
    if not estimate.bounded:
        return f"{unit * estimate.value:+.4f}"
    return f"{unit * estimate.value:+.4f} ({unit * estimate.low:+.4f} to {unit * estimate.high:+.4f})"


def real_files(folder: Path | None, *, log: Callable[[str], None], quick: bool) -> Iterator[Case]:
    """Names and designs of the real files of a folder; none in a smoke test, or where there is no folder."""
    if quick:
        return
    if folder is None or not folder.is_dir():
        log(f"real files skipped: {'no folder was given' if folder is None else f'{folder} is no folder'}")
        return
    for pattern, settings in (("*_1h_*.csv", HOURS), ("*_1min_*.csv", SETTINGS)):
        for path in sorted(folder.glob(pattern)):
            yield path.name.split("_")[0], lambda path=path, settings=settings: _design_of(path, settings)


def _design_of(path: Path, settings: TrainSettings) -> Design:
    bars, _ = read_bars(path, settings=settings)
    task = TASKS[settings.task.target]
    return bars_to_design(bars, settings.features, task=task, horizon=settings.task.horizon)[0]


def _simulated(*, quick: bool) -> Iterator[Case]:
    for kind, rows, ic in QUICK if quick else WORLDS:
        yield (
            f"{kind}, {rows:,}, {ic:g}",
            lambda kind=kind, rows=rows, ic=ic: make_world(kind, rows=rows, ic=ic, seed=0).design,
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one small world, two nets, one epoch: a smoke test")
    parser.add_argument("--data", type=Path, help=f"folder of real files; by default {FOLDER}")
    parser.add_argument("--only", nargs="+", default=[], help="names of files, or kinds of worlds")
    parser.add_argument("--without", nargs="+", default=[], help="contestants to leave out, as printed")
    parser.add_argument("--out", type=Path, help="file for the table")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
