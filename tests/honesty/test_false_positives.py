"""Where there is nothing to know, the whole protocol must not claim skill more often than it says."""

import numpy as np
import pytest
from judged import protocol_verdict, with_volatility_drift
from scipy.stats import binom, kstest

from tailproof.bars.simulate import simulate
from tailproof.core.settings import TrainSettings

SETTINGS = TrainSettings(epochs=1, members=2, threads=1, features=("original",), warmup_steps=100)
ROWS = 36_000
WORLDS = 200


def world(seed: int):
    """Fat tails and volatility clusters in all; bounce in every fourth, volatility that drifts in every other."""
    frame = simulate(rows=ROWS, ic=0.0, seed=seed, bounce=0.1 if seed % 4 == 3 else 0.0)
    return with_volatility_drift(frame, first=0.5, last=2.0) if seed % 2 else frame


@pytest.mark.slow
@pytest.mark.timeout(7_200)
def test_two_hundred_worlds_without_signal() -> None:
    verdicts = [protocol_verdict(world(seed), SETTINGS) for seed in range(WORLDS)]
    skilled = sum(verdict.verdict == "skill" for verdict in verdicts)
    assert skilled <= binom.ppf(0.99, WORLDS, 0.05)
    # a bounce is there to be found, so p-values are uniform only without it; they are spread within their steps of 1/20
    p_values = np.array([verdict.rank_ic.p_placebo for seed, verdict in enumerate(verdicts) if seed % 4 != 3])
    spread = p_values - np.random.default_rng(0).random(len(p_values)) / 20
    assert kstest(spread, "uniform").pvalue > 0.01


def test_a_world_without_signal() -> None:
    verdict = protocol_verdict(world(0), SETTINGS)
    assert verdict.verdict == "no evidence"
    assert verdict.rank_ic.low < 0.0 < verdict.rank_ic.high
    assert len(verdict.rank_ic.placebos) == 19
