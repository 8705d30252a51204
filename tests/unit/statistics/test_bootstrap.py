import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap
from scipy.stats import bootstrap as scipy_bootstrap
from scipy.stats import chisquare
from tests.reference.stationary_bootstrap import every_sample

from tailproof.evaluation import spearman
from tailproof.statistics.block_length import block_length
from tailproof.statistics.bootstrap import percentile_interval, resampled_sums
from tailproof.statistics.groups import Groups
from tailproof.statistics.ranks import rank_products

RNG = np.random.default_rng(0)


def test_totals_are_those_of_the_drawn_groups() -> None:
    sums_G = RNG.normal(size=30)
    totals = resampled_sums(np.c_[sums_G, 2 * sums_G], replications=50, mean_block=3.0, rng=np.random.default_rng(1))
    draws = StationaryBootstrap(3, sums_G, seed=np.random.default_rng(1)).bootstrap(50)
    assert totals[:, 0] == pytest.approx([drawn.sum() for (drawn,), _ in draws])
    assert totals[:, 1] == pytest.approx(2 * totals[:, 0])


@pytest.mark.parametrize("mean_block", [1.0, 2.0, 3.0])
def test_samples_come_as_often_as_they_should(mean_block: float) -> None:
    """No figure of a stationary bootstrap is published that does not hang on somebody's random numbers; but of four
    groups every sample can be counted, each total with its probability."""
    values_G = np.array([1.0, 10.0, 100.0, 1000.0])
    drawn_SG, probability_S = every_sample(4, mean_block=mean_block)
    assert probability_S.sum() == pytest.approx(1.0)
    total_T, place_S = np.unique(values_G[drawn_SG].sum(axis=1), return_inverse=True)
    exact_T = np.bincount(place_S, weights=probability_S)
    totals = resampled_sums(values_G[:, None], replications=20_000, mean_block=mean_block, rng=np.random.default_rng(0))
    drawn_T = np.bincount(np.searchsorted(total_T, totals[:, 0]), minlength=len(total_T))
    assert chisquare(drawn_T, 20_000 * exact_T).pvalue > 0.01


def test_the_interval_of_a_mean_is_that_of_scipy_for_independent_groups() -> None:
    values_G = RNG.exponential(size=400)
    totals = resampled_sums(values_G[:, None], replications=9_999, mean_block=1.0, rng=np.random.default_rng(0))
    ours = percentile_interval(values_G.mean(), totals[:, 0] / 400, independent=400)
    theirs = scipy_bootstrap((values_G,), np.mean, method="percentile", rng=np.random.default_rng(0))
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.005)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.005)
    assert ours.standard_error == pytest.approx(theirs.standard_error, rel=0.03)


def test_few_groups_are_covered_as_by_students_t() -> None:
    """Plain percentiles of 10 groups cover 90 % instead of 95 %."""
    covered = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        values_G = rng.normal(size=10)
        totals = resampled_sums(values_G[:, None], replications=300, mean_block=1.0, rng=rng)
        interval = percentile_interval(values_G.mean(), totals[:, 0] / 10, independent=10)
        covered.append(interval.low < 0.0 < interval.high)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.03)


def test_dependent_groups_are_drawn_in_blocks() -> None:
    rng = np.random.default_rng(0)
    score_G = np.convolve(rng.normal(size=1_020), np.ones(20), "valid")
    length = block_length(score_G)
    assert length > 10.0
    alone, blocks = (
        resampled_sums(score_G[:, None], replications=500, mean_block=mean, rng=rng)[:, 0].std()
        for mean in (1.0, length)
    )
    assert blocks > 2.5 * alone


@pytest.mark.parametrize("ic", [0.0, 0.05, 0.2])
def test_ranking_once_gives_the_error_of_ranking_every_replicate_anew(ic: float) -> None:
    rng = np.random.default_rng(3)
    groups, size = 60, 50
    signal_N, noise_N = rng.normal(size=(2, groups * size))
    return_N = ic * signal_N + np.sqrt(1 - ic**2) * noise_N
    product_G = Groups.of(np.arange(groups * size) // size).sums(rank_products(signal_N, return_N))
    once = resampled_sums(product_G[:, None], replications=400, mean_block=1.0, rng=rng)[:, 0] / (groups * size)
    anew = []
    for _ in range(400):
        row_N = (rng.integers(groups, size=groups)[:, None] * size + np.arange(size)).ravel()
        anew.append(spearman(signal_N[row_N], return_N[row_N]))
    assert once.std() == pytest.approx(np.std(anew), rel=0.12)
