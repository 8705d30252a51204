"""How long features, their audit and one new bar take on as many simulated bars as the original data set has.

    python benchmarks/features_wide.py [--rows 1142809] [--presets default wide]

Prints one line a preset: wall-clock and processor seconds of the batch, of the sampled audit, of the newest bar alone
(median of 20), and the peak memory of the process so far. What it does not show: a machine that others use makes the
wall-clock longer than processor seconds over cores.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np
import polars as pl

from tailproof.audit import audit_features
from tailproof.bars.load import bars_from_frame
from tailproof.bars.simulate import simulate
from tailproof.core.records import Bars
from tailproof.features import compute, select_features
from tailproof.features.incremental import latest
from tailproof.tasks import forward_return

LABEL = partial(forward_return, horizon=1)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def simulated(rows: int) -> Bars:
    frame = simulate(rows=rows, ic=0.02, seed=0).with_columns(
        pl.col("volume").cast(pl.Float64), vix_close_age_hours=pl.lit(0.0)
    )
    return bars_from_frame(frame.with_row_index("line", offset=2), source="simulated bars")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_142_809)
    parser.add_argument("--presets", nargs="+", default=["default", "wide"])
    arguments = parser.parse_args()
    bars = simulated(arguments.rows)
    print(
        f"{arguments.rows:,} bars; {platform.processor() or platform.machine()}, {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f}; polars {pl.__version__}, numpy {np.__version__}, Python {platform.python_version()}"
    )
    for preset in arguments.presets:
        features = select_features(bars, [preset]).features
        batch = timed(lambda chosen=features: compute(bars, chosen))  # type: ignore[misc]
        audit = timed(
            lambda chosen=features: audit_features(bars, chosen, LABEL, horizon=1, random=np.random.default_rng(0))
        )  # type: ignore[misc]
        one = median(timed(lambda chosen=features: latest(bars, chosen))[0] for _ in range(20))  # type: ignore[misc]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(
            f"{preset:<8} {len(features):>4} features: batch {batch[0]:.2f} s wall, {batch[1]:.2f} s processor; "
            f"sampled audit {audit[0]:.2f} s wall, {audit[1]:.2f} s processor; newest bar {1e3 * one:.1f} ms; "
            f"peak {peak:.2f} GiB"
        )


if __name__ == "__main__":
    main()
