"""Where there is something to know, it is found, and its interval holds what was planted."""

import numpy as np
import pytest
from judged import protocol_verdict
from scipy.stats import binom

from tailproof.bars.load import bars_from_frame
from tailproof.bars.simulate import planted_driver, simulate
from tailproof.core.ranks import rank_products
from tailproof.core.settings import TrainSettings
from tailproof.evaluation.bootstrap import percentile_interval, resampled_sums
from tailproof.evaluation.groups import Groups

SETTINGS = TrainSettings(epochs=2, members=2, threads=1)
PLANTED = 0.03


@pytest.mark.slow
@pytest.mark.timeout(7_200)
def test_a_planted_ic_of_three_hundredths_is_found_in_nine_worlds_of_ten() -> None:
    found = [
        protocol_verdict(simulate(rows=200_000, ic=PLANTED, seed=seed), SETTINGS).verdict == "skill"
        for seed in range(50)
    ]
    assert np.mean(found) >= 0.9


def interval_of_the_driver(seed: int, *, rows: int):
    """The planted driver itself as a forecast, whose population IC is exactly what was planted."""
    frame = simulate(rows=rows, ic=PLANTED, seed=seed)
    bars = bars_from_frame(frame, source="simulated bars").frame
    close_B, session_B = bars["close"].to_numpy(), bars["session"].to_numpy()
    inside_B = session_B[1:] == session_B[:-1]
    driver_N = planted_driver(frame).to_numpy()[:-1][inside_B]
    return_N = (close_B[1:] / close_B[:-1] - 1.0)[inside_B]
    product_N = rank_products(driver_N, return_N)
    groups = Groups.of(session_B[:-1][inside_B])
    totals = resampled_sums(
        {"products": groups.sums(product_N), "rows": groups.sizes.astype(np.float64)},
        replications=1_000,
        mean_block=1.0,
        rng=np.random.default_rng(seed),
    )
    return percentile_interval(product_N.mean(), totals["products"] / totals["rows"], independent=len(groups))


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_the_interval_covers_the_planted_value_at_its_nominal_rate() -> None:
    intervals = [interval_of_the_driver(seed, rows=60_000) for seed in range(200)]
    covered = sum(interval.low <= PLANTED <= interval.high for interval in intervals)
    assert binom.ppf(0.005, 200, 0.95) <= covered <= binom.ppf(0.995, 200, 0.95)


def test_a_few_worlds_are_covered() -> None:
    intervals = [interval_of_the_driver(seed, rows=20_000) for seed in range(5)]
    assert sum(interval.low <= PLANTED <= interval.high for interval in intervals) >= 3
