"""How much of what training changed is worth keeping (``hidden_share``), by the number of training rows.

    python -m benchmarks.quality.share_by_rows [--rows N ...] [--kinds KIND ...] [--ic IC] [--seeds N]

One population is trained on each world and forecasts other rows with every share. Printed is the correlation of its
forecasts with the driver times the planted IC: the IC that is to be expected of them, without the noise of returns.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

from benchmarks.quality.worlds import DRIVERS, make_world
from tailproof.arrays.ranges import as_slice
from tailproof.core.records import Fold
from tailproof.engines.select import engine_named
from tailproof.runs.fold_set_up import fold_set_up
from tailproof.settings.train_settings import TrainSettings
from tailproof.walkforward import forecast_test

TEST_ROWS = 100_000
SHARES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
SETTINGS = TrainSettings(placebos=0)


def expected_ics(kind: str, *, rows: int, ic: float, seed: int) -> list[float]:
    """The IC to be expected of forecasts with each of the shares."""
    validation = rows // 6
    world = make_world(kind, rows=rows + validation + TEST_ROWS, ic=ic, seed=seed)
    ends = rows, rows + validation, rows + validation + TEST_ROWS
    fold = Fold(train=range(ends[0]), validation=range(*ends[:2]), test=range(*ends[1:]), purged=0)
    training = fold_set_up(world.design, SETTINGS)(fold)
    engine = engine_named("lanes", device="cpu", threads=None)
    fit = engine.fit(training.job, on_event=lambda _event: None)
    driver_N = world.driver_N[as_slice(fold.test)]
    ics = []
    for share in SHARES:
        drawn = replace(training, hidden_share=share)
        forecast_N = forecast_test(engine, drawn, drawn.drawn_to_line(fit))[0].mean_R
        ics.append(ic * float(np.corrcoef(forecast_N, driver_N)[0, 1]))
    return ics


def main() -> None:
    """Print one line per world and number of rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[30_000, 60_000, 120_000, 240_000, 480_000, 960_000])
    parser.add_argument("--kinds", nargs="+", default=["linear", "mixed", "xor", "abs"], choices=sorted(DRIVERS))
    parser.add_argument("--ic", type=float, default=0.03)
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    print(f"expected IC (planted {options.ic:g}), mean of {options.seeds} worlds", flush=True)
    print(f"{'world':10} {'rows':>10} " + " ".join(f"{share:>7.1f}" for share in SHARES), flush=True)
    for kind in options.kinds:
        for rows in options.rows:
            each = [expected_ics(kind, rows=rows, ic=options.ic, seed=seed) for seed in range(options.seeds)]
            print(f"{kind:10} {rows:>10,} " + " ".join(f"{ic:7.4f}" for ic in np.mean(each, axis=0)), flush=True)


if __name__ == "__main__":
    main()
