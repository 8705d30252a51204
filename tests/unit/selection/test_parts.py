"""Each statistic against a known truth, and against a library or a plain computation of its own."""

import numpy as np
import pytest
from scipy.stats import spearmanr, ttest_1samp
from sklearn.metrics import mutual_info_score
from statsmodels.stats.outliers_influence import variance_inflation_factor

from tailproof.selection.agreement import concordance, mean_places
from tailproof.selection.redundancy import clusters, rank_correlation, variance_inflation
from tailproof.selection.univariate import equal_bins, information, t_and_bound, univariate
from tailproof.statistics.groups import Groups
from tailproof.statistics.permutation import permuted_rows, shuffled_forecasts
from tailproof.statistics.ranks import standard_rank_columns

ROWS = 6000
GROUP_N = np.arange(ROWS) // 100


def columns(seed: int = 0, count: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((ROWS, count))


def test_rank_correlation_is_spearman() -> None:
    x_NF = columns() @ np.array([[1.0, 0.8, 0.0], [0.0, 0.6, 0.0], [0.0, 0.0, 1.0]])
    np.testing.assert_allclose(rank_correlation(standard_rank_columns(x_NF)), spearmanr(x_NF).statistic, atol=1e-5)


def test_a_constant_has_no_rank() -> None:
    assert (standard_rank_columns(np.ones((5, 1))) == 0.0).all()


def test_group_sums_add_up() -> None:
    groups = Groups.of(GROUP_N)
    np.testing.assert_allclose(groups.sums(columns()).sum(axis=0), columns().sum(axis=0))
    assert groups.sizes.tolist() == [100] * 60


def test_the_ic_is_found_and_its_interval_covers_it() -> None:
    """A Gaussian pair with correlation r has Spearman correlation 6/pi asin(r/2)."""
    inside = 0
    truth = 6.0 / np.pi * np.arcsin(0.1 / 2.0)
    for seed in range(40):
        x_NF = columns(seed, 2)
        y_N = 0.1 * x_NF[:, 0] + np.sqrt(1.0 - 0.01) * x_NF[:, 1]
        rank_NF, rank_N = standard_rank_columns(x_NF[:, :1]), standard_rank_columns(y_N[:, None])[:, 0]
        found = univariate(rank_NF, rank_N, GROUP_N, random=np.random.default_rng(seed))
        assert found.ic_F[0] == pytest.approx(spearmanr(x_NF[:, 0], y_N).statistic, abs=1e-5)
        inside += found.low_F[0] <= truth <= found.high_F[0]
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


def test_variance_inflation_is_that_of_statsmodels() -> None:
    x_NF = columns() @ np.array([[1.0, 0.9, 0.0], [0.0, 0.5, 0.3], [0.0, 0.0, 1.0]])
    rank_NF = standard_rank_columns(x_NF).astype(np.float64)
    expected = [variance_inflation_factor(rank_NF, column) for column in range(3)]
    np.testing.assert_allclose(variance_inflation(rank_correlation(rank_NF)), expected, rtol=1e-4)


def test_what_others_determine_inflates_without_end() -> None:
    x_NF = np.hstack([columns(), columns()[:, :1]])
    assert np.isinf(variance_inflation(rank_correlation(standard_rank_columns(x_NF)))[[0, 3]]).all()


def test_twins_fall_into_one_cluster() -> None:
    x_NF = columns()
    x_NF = np.hstack([x_NF, -x_NF[:, 1:2] + 0.1 * columns(3)[:, :1]])
    assert clusters(rank_correlation(standard_rank_columns(x_NF))).tolist() == [0, 1, 2, 1]


def test_permuting_moves_whole_groups() -> None:
    order_N = permuted_rows(GROUP_N, np.random.default_rng(0))
    assert sorted(order_N.tolist()) == list(range(ROWS))
    blocks = order_N.reshape(60, 100)
    assert (np.diff(blocks, axis=1) == 1).all()
    assert blocks[:, 0].tolist() != sorted(blocks[:, 0].tolist())


def test_twins_hide_each_other_only_when_permuted_apart() -> None:
    """The forecast is the mean of two twins; permuting one leaves the other to tell."""
    x_N = columns()[:, 0]
    x_NF = np.column_stack([x_N, x_N, columns()[:, 1]])
    rank_N = standard_rank_columns((0.2 * x_N + columns(5)[:, 0])[:, None])[:, 0]

    def predict(rows_NF: np.ndarray) -> np.ndarray:
        return rows_NF[:, 0] + rows_NF[:, 1]

    before_NF, own = x_NF.copy(), spearmanr(x_N, rank_N).statistic
    shuffled_SCN = shuffled_forecasts(
        predict, x_NF, GROUP_N, [[0], [0, 1], [2]], orders=3, random=np.random.default_rng(0)
    )
    ic_SC = [[spearmanr(each_N, rank_N).statistic for each_N in each_CN] for each_CN in shuffled_SCN]
    loss_C = own - np.mean(ic_SC, axis=0)
    np.testing.assert_array_equal(x_NF, before_NF)
    assert loss_C[1] == pytest.approx(own, abs=0.05)
    assert loss_C[0] < 0.5 * loss_C[1]
    assert loss_C[2] == pytest.approx(0.0, abs=1e-9)


def test_places_and_concordance() -> None:
    merit_KF = np.array([[3.0, 2.0, 1.0], [3.0, 1.0, 2.0]])
    mean_F, std_F = mean_places(merit_KF)
    assert mean_F.tolist() == [1.0, 2.5, 2.5]
    assert std_F.tolist() == [0.0, 0.5, 0.5]
    # Rank sums 6, 3, 3: S = 4 + 1 + 1, W = 12 * 6 / (4 * 24).
    assert concordance(merit_KF) == pytest.approx(0.75)
