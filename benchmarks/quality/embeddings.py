"""The network with its inputs in bins (``--embedding piecewise-linear``) beside the one without, on the same folds.

    python -m benchmarks.quality.embeddings [--data FOLDER] [--only NAME ...] [--bins N ...] [--out FILE]

Real files are those of ``benchmarks.quality.compare``; worlds are of 40,000 rows, two of each kind. Differences are the
network without bins less the one with them. Everything but the embedding and the line that members begin at is the
same: rows, targets, interactions, seeds.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.quality.compare import FOLDER, SETTINGS, Case, Page, real_files, score_cases
from benchmarks.quality.contestants import NETWORK, Contestant, contestants
from benchmarks.quality.worlds import make_world
from tailproof.arrays.ranges import as_slice
from tailproof.models.network import build_network
from tailproof.models.piecewise_linear import fit_piecewise_linear
from tailproof.walkforward import FoldTraining
from tailproof.walkforward.line_start import line_start

KINDS = ("linear", "mixed", "xor", "abs")
ROWS, IC, SEEDS = 40_000, 0.05, (1, 2)


def main(arguments: list[str] | None = None) -> int:
    """Print the table as it grows; write it where that is asked for."""
    options = _parser().parse_args(arguments)
    log = Page()
    network = contestants([NETWORK])[NETWORK]
    fields = {NETWORK: network, **{f"{bins} bins": in_bins(network, bins) for bins in options.bins}}
    cases = [*real_files(options.data, log=log, quick=False), *_worlds()]
    score_cases(cases, fields, settings=SETTINGS, only=options.only, log=log)
    log.write(options.out)
    return 0


def in_bins(network: Contestant, bins: int) -> Contestant:
    """The network behind an embedding of so many bins an input."""

    def forecast(training: FoldTraining, number: int) -> np.ndarray:
        job = training.job
        embedding = fit_piecewise_linear(job.x_NF[as_slice(training.fold.train)], bins=bins)
        spec = build_network(SETTINGS.network, inputs=job.spec.inputs, head=training.task.head, embedding=embedding)
        start = line_start(spec, job.members, job.x_NF, job.y_NT, training.fold)
        return network(replace(training, job=replace(job, spec=spec, start=start)), number)

    return forecast


def _worlds() -> Iterator[Case]:
    for kind in KINDS:
        for seed in SEEDS:
            yield (
                f"{kind}, seed {seed}",
                lambda kind=kind, seed=seed: make_world(kind, rows=ROWS, ic=IC, seed=seed).design,
            )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    folder = Path(os.environ[FOLDER]) if FOLDER in os.environ else None
    parser.add_argument("--data", type=Path, default=folder, help=f"folder of real files; by default {FOLDER}")
    parser.add_argument("--only", nargs="+", default=[], help="names of files, or kinds of worlds")
    parser.add_argument("--bins", nargs="+", type=int, default=[4, 8, 16], help="bins of each input")
    parser.add_argument("--out", type=Path, help="file for the table")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
