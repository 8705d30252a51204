"""Where there is something to know, it is found, and intervals hold what they are intervals of.

Three rank ICs must be told apart. That of the planted driver as a forecast is exactly what was planted. A network's own
is another: it does not know the driver, has to find it in noise, and orders rows by much else besides, so that its
forecasts lie below the driver. A verdict's interval is about the forecaster that it judges; so the driver's must hold
the planted value as often as it says, and a network's must hold what that network is worth on bars never seen.
"""

import numpy as np
import polars as pl
import pytest
from scipy.stats import binom
from tests.worlds.known_skill import design_of, run_protocol, verdict_of
from tests.worlds.many import PLANTED_IC, PLANTED_SETTINGS, judged, summary

from tailproof.bars.load import bars_from_frame
from tailproof.bars.simulate import planted_driver, simulate
from tailproof.core.design import build_design
from tailproof.core.records import Design, Forecast
from tailproof.core.verdict import Interval
from tailproof.evaluation import spearman
from tailproof.statistics.ranks import standard_ranks
from tailproof.tasks import forward_return

PLANTED, SETTINGS = PLANTED_IC, PLANTED_SETTINGS


@pytest.mark.slow
@pytest.mark.timeout(14_400)
def test_a_planted_ic_of_three_hundredths_is_found_in_nine_worlds_of_ten() -> None:
    worlds = [judged("planted", seed) for seed in range(50)]
    print("\n" + summary(worlds))
    assert sum(world.word == "skill" for world in worlds) >= 45


def held(intervals: list[Interval], truths: list[float]) -> int:
    return sum(interval.low <= truth <= interval.high for interval, truth in zip(intervals, truths, strict=True))


def at_its_rate(covered: int, of: int) -> bool:
    """Whether that many of 95 % intervals may hold the truth, by chance alone."""
    return bool(binom.ppf(0.005, of, 0.95) <= covered <= binom.ppf(0.995, of, 0.95))


def driver_design(seed: int, *, rows: int) -> Design:
    """Rows whose only feature is the planted driver."""
    frame = simulate(rows=rows, ic=PLANTED, seed=seed)
    bars = bars_from_frame(frame, source="simulated bars")
    driver = pl.DataFrame({"driver": planted_driver(frame).cast(pl.Float64)})
    return build_design(bars, driver, forward_return(bars, horizon=1))


def interval_of_the_driver(seed: int, *, rows: int) -> Interval:
    """What a verdict says of the driver as a forecast, whose rank IC is exactly what was planted."""
    design = driver_design(seed, rows=rows)
    driver_N = design.x_NF[:, 0].astype(np.float64)
    forecast = Forecast(
        prediction_N=0.5 + 0.01 * driver_N,
        predicted_return_N=1e-5 * driver_N,
        target_N=0.5 + 0.28 * standard_ranks(design.return_N),
        return_N=design.return_N,
        known_at_N=design.known_at_N,
        label_end_N=design.label_end_N,
        session_N=design.session_N,
        open_return_N=design.open_return_N,
        bar_N=design.bar_N,
        stretch_N=design.stretch_N,
    )
    ic = verdict_of(forecast, replications=1_000, seed=seed).rank_ic
    return Interval(value=ic.value, low=ic.low, high=ic.high, standard_error=ic.standard_error)


@pytest.mark.slow
@pytest.mark.timeout(14_400)
def test_the_interval_holds_the_planted_value_at_its_nominal_rate() -> None:
    intervals = [interval_of_the_driver(seed, rows=60_000) for seed in range(200)]
    covered = held(intervals, [PLANTED] * 200)
    print(f"\ndriver: {covered} of 200 intervals hold {PLANTED}, its IC {np.mean([i.value for i in intervals]):+.4f}")
    assert at_its_rate(covered, 200)


def test_the_interval_of_a_few_worlds_holds_the_planted_value() -> None:
    assert held([interval_of_the_driver(seed, rows=20_000) for seed in range(5)], [PLANTED] * 5) >= 3


def network_beside_its_worth(seed: int, fresh: Design, *, rows: int) -> tuple[Interval, float]:
    """The interval that a verdict gives a network, and the network's rank IC on rows that are no part of its world."""
    settings = SETTINGS.replace(split="holdout", placebos=0, train_fraction=0.5, seed=seed)
    ran = run_protocol(simulate(rows=rows, ic=PLANTED, seed=seed), settings)
    ic = ran.verdict.rank_ic
    interval = Interval(value=ic.value, low=ic.low, high=ic.high, standard_error=ic.standard_error)
    return interval, spearman(ran.forecast(fresh), fresh.return_N)


@pytest.mark.slow
@pytest.mark.timeout(14_400)
def test_the_interval_of_a_network_holds_what_it_is_worth_on_bars_never_seen() -> None:
    """A million fresh rows say what each network is worth to +-0.001; intervals on 24,000 rows are about 0.03 wide."""
    fresh = design_of(simulate(rows=1_000_000, ic=PLANTED, seed=1_000), SETTINGS.features.names)
    intervals, worths = map(
        list, zip(*(network_beside_its_worth(s, fresh, rows=60_000) for s in range(100)), strict=True)
    )
    covered = held(intervals, worths)
    print(f"\nnetworks: {covered} of 100 intervals hold their worth, {np.mean(worths):+.4f} on average")
    assert at_its_rate(covered, 100)
    assert 0.0 < np.mean(worths) < PLANTED, "a network finds part of what was planted"
