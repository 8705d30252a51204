"""Worlds in which a coin decides every direction, for the tests of honesty.

    python -m tests.worlds.coins 5000 5800

judges the worlds of those seeds by the folds alone, without intervals or costs, and prints what networks, baselines and
placebos have on average.
"""

from __future__ import annotations

import sys

import numpy as np
import polars as pl
from scipy.stats import kstest
from tests.worlds.known_skill import design_of, run_judged, with_random_signs, with_volatility_drift

from tailproof.bars.simulate import simulate
from tailproof.evaluation import placebo_p_value, spearman
from tailproof.settings.train_settings import TrainSettings

ROWS = 36_000


def coins(seed: int) -> pl.DataFrame:
    """Bars without any signal; in every other world volatility rises fourfold."""
    return drifting(with_random_signs(simulate(rows=ROWS, ic=0.0, seed=seed), seed=seed), seed)


def bounce(seed: int) -> pl.DataFrame:
    """Bars in which one close in ten is off by a tick, and nothing else can be known."""
    return drifting(simulate(rows=ROWS, ic=0.0, seed=seed, bounce=0.1), seed)


def drifting(frame: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The same bars, with volatility that rises where the seed is odd."""
    return with_volatility_drift(frame, first=0.5, last=2.0) if seed % 2 else frame


def settings_of(seed: int) -> TrainSettings:
    """Little training, so that hundreds of worlds can be judged."""
    return TrainSettings(epochs=1, members=2, threads=1, warmup_steps=100, seed=seed)


def spread_evenly(p_values: np.ndarray, *, placebos: int) -> np.ndarray:
    """p-values that come in steps of 1 / (placebos + 1), moved at random inside their steps: uniform if those are."""
    return p_values - np.random.default_rng(0).random(len(p_values)) / (placebos + 1)


def main(first: int, stop: int) -> None:
    """Print the averages over the worlds with the seeds from ``first`` to ``stop`` - 1."""
    ic_of: dict[str, list[float]] = {}
    p_values, placebo_ics, sizes = [], [], []
    for seed in range(first, stop):
        settings = settings_of(seed)
        judged = run_judged(design_of(coins(seed), settings.features.names), settings).judged
        return_N, evidence = judged.forecast.return_N, judged.evidence
        ics = {"network": spearman(judged.forecast.prediction_N, return_N)}
        p_values.append(placebo_p_value(ics["network"], evidence.placebo_rank_ics))
        ics |= {name: spearman(evidence.baselines[name], return_N) for name in ("ridge", "LightGBM", "last return")}
        ics["placebos"] = float(np.mean(evidence.placebo_rank_ics))
        placebo_ics += evidence.placebo_rank_ics
        prediction_N = judged.forecast.prediction_N
        sizes.append(spearman(np.abs(prediction_N - np.median(prediction_N)), np.abs(return_N)))
        for name, ic in ics.items():
            ic_of.setdefault(name, []).append(ic)
    worlds = stop - first
    for name, values in ic_of.items():
        print(f"{name:12} rank IC {np.mean(values):+.4f} (standard error {np.std(values) / np.sqrt(worlds):.4f})")
    print(
        f"standard deviation of the rank IC: network {np.std(ic_of['network']):.4f}, single placebos "
        f"{np.std(placebo_ics):.4f}; sizes of forecast and return correlate by {np.mean(sizes):.3f}"
    )
    p_W = np.array(p_values)
    uniform = kstest(spread_evenly(p_W, placebos=settings.evaluation.placebos), "uniform").pvalue
    print(
        f"{worlds} worlds: p <= 0.05 {np.mean(p_W <= 0.05):.1%}, mean p {p_W.mean():.3f}, "
        f"Kolmogorov-Smirnov p {uniform:.2f}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
