"""How long ``tailproof select`` takes on 1.14 million rows x 40 features.

    python benchmarks/features_select.py [--rows 1142809]

All rows are training rows of the study, so nothing is saved by the split. Bars are simulated with a planted rank IC of
0.03, so the table also shows whether the carriers come first.
"""

from __future__ import annotations

import argparse
import os
import platform
import time

import numpy as np
import polars as pl

from tailproof.bars.load import bars_from_frame
from tailproof.bars.simulate import simulate
from tailproof.core.design import build_design
from tailproof.features import PRESETS, compute, select_features
from tailproof.selection import study_features
from tailproof.selection.outcome import table_lines
from tailproof.splits import walk_forward
from tailproof.tasks import forward_return

FEATURES = 40


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_142_809)
    arguments = parser.parse_args()
    frame = simulate(rows=arguments.rows, ic=0.03, seed=0).with_columns(pl.col("volume").cast(pl.Float64))
    bars = bars_from_frame(frame.with_row_index("line", offset=2), source="simulated bars")
    names = [name for name in PRESETS["wide"] if "vix_age" not in name][::4][:FEATURES]
    features = select_features(bars, names).features
    design = build_design(bars, compute(bars, features), forward_return(bars, horizon=1))
    folds = walk_forward(
        design.known_at_N, design.label_end_N, design.session_N, folds=4, unit="sessions", validation_fraction=0.0
    )
    load = os.getloadavg()[0]
    wall, processor = time.perf_counter(), time.process_time()
    study = study_features(
        design, range(len(design)), folds, design.session_N, most=10, random=np.random.default_rng(0)
    )
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print("\n".join(table_lines(study)[:8]))
    print(study.sentence())
    print(
        f"{len(design):,} rows x {len(features)} features: {wall:.1f} s wall, {processor:.1f} s processor; "
        f"{os.cpu_count()} cores, load {load:.1f} before; {platform.machine()}, Python {platform.python_version()}, "
        f"numpy {np.__version__}"
    )


if __name__ == "__main__":
    main()
