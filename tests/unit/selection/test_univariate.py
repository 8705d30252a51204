"""Each feature alone: its IC, the bound of chance and its information, against known truth and libraries."""

import numpy as np
import pytest
from scipy.stats import spearmanr, ttest_1samp
from sklearn.metrics import mutual_info_score

from tailproof.selection.univariate import equal_bins, information, t_and_bound, univariate
from tailproof.statistics.ranks import standard_rank_columns

ROWS = 6000
GROUP_N = np.arange(ROWS) // 100


def columns(seed: int = 0, count: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((ROWS, count))


def test_the_ic_is_found_and_its_interval_covers_it() -> None:
    """A Gaussian pair with correlation r has Spearman correlation 6/pi asin(r/2)."""
    inside = 0
    truth = 6.0 / np.pi * np.arcsin(0.1 / 2.0)
    for seed in range(40):
        x_NF = columns(seed, 2)
        y_N = 0.1 * x_NF[:, 0] + np.sqrt(1.0 - 0.01) * x_NF[:, 1]
        rank_NF, rank_N = standard_rank_columns(x_NF[:, :1]), standard_rank_columns(y_N[:, None])[:, 0]
        figures = univariate(rank_NF, rank_N, GROUP_N, random=np.random.default_rng(seed))
        assert figures.ic_F[0] == pytest.approx(spearmanr(x_NF[:, 0], y_N).statistic, abs=1e-5)
        inside += figures.low_F[0] <= truth <= figures.high_F[0]
    assert 33 <= inside <= 40


@pytest.mark.parametrize("groups", [40, 120])
def test_the_bound_is_exceeded_by_chance_once_in_twenty_times(groups: int) -> None:
    """The largest of 20 fat-tailed, meaningless columns, 200 times over: about 5 % of false alarms."""
    alarms = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        t_F, bound = t_and_bound(rng.standard_t(3, (groups, 20)), random=rng)
        alarms += bool(np.abs(t_F).max() > bound)
    assert 3 <= alarms <= 20


def test_t_is_that_of_a_one_sample_test() -> None:
    sum_GF = np.random.default_rng(0).standard_normal((50, 3)) + 0.3
    t_F, _ = t_and_bound(sum_GF, random=np.random.default_rng(0))
    np.testing.assert_allclose(t_F, ttest_1samp(sum_GF, 0.0).statistic, rtol=1e-9)


def test_information_is_that_of_scikit_learn_less_its_bias() -> None:
    x_N, noise_N = columns()[:, 0], columns(1)[:, 0]
    y_N = x_N + noise_N
    nats_F, z_F = information(x_N[:, None], y_N, random=np.random.default_rng(0))
    plain = mutual_info_score(equal_bins(x_N), equal_bins(y_N))
    assert nats_F[0] == pytest.approx(plain - 15 * 15 / (2 * ROWS), abs=1e-9)
    # A Gaussian pair with correlation r shares -ln(1 - r²) / 2 nats; 16 bins lose a little.
    assert nats_F[0] == pytest.approx(0.5 * np.log(2.0), rel=0.1)
    assert z_F[0] > 50.0


def test_unrelated_columns_share_no_information() -> None:
    nats_F, z_F = information(columns(), columns(7)[:, 0], random=np.random.default_rng(0))
    assert np.abs(nats_F).max() < 0.006
    assert np.abs(z_F).max() < 5.0
