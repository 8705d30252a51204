"""The report's own computations against NumPy, against the evaluation stage, and against brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from tailproof.evaluation import spearman
from tailproof.report.numbers.history import history
from tailproof.report.numbers.shape import shape
from tailproof.report.numbers.thin import bucket_means, keep_extremes
from tailproof.statistics.deciles import deciles
from tailproof.statistics.group_means import NORMAL_95, group_means
from tailproof.statistics.ranks import rank_products


def test_rank_products_average_to_the_rank_ic() -> None:
    rng = np.random.default_rng(0)
    prediction_N, return_N = rng.random(500).round(1), rng.standard_t(3, 500)
    product_N = rank_products(prediction_N, return_N)
    assert product_N.mean() == pytest.approx(spearmanr(prediction_N, return_N).statistic, abs=1e-12)
    assert product_N.mean() == pytest.approx(spearman(prediction_N, return_N), abs=1e-12)


def test_a_constant_forecast_has_no_rank_ic() -> None:
    assert np.isnan(rank_products(np.ones(5), np.arange(5.0))).all()


def test_group_means_of_independent_rows_have_the_textbook_error() -> None:
    rng = np.random.default_rng(1)
    value_N = rng.normal(size=4000)
    group_N = np.repeat([0, 1], 2000)
    means = group_means(value_N, group_N, np.arange(4000), groups=2)
    for group in (0, 1):
        own_N = value_N[group_N == group]
        assert means.mean_G[group] == pytest.approx(own_N.mean())
        half = NORMAL_95 * own_N.std(ddof=1) / np.sqrt(len(own_N))
        assert means.high_G[group] - means.mean_G[group] == pytest.approx(half, rel=1e-9)


def test_rows_that_move_together_widen_the_interval() -> None:
    rng = np.random.default_rng(2)
    cluster_N = np.repeat(np.arange(100), 20)
    value_N = rng.normal(size=100)[cluster_N]
    alone, together = (
        group_means(value_N, np.zeros(2000, int), clusters, groups=1) for clusters in (np.arange(2000), cluster_N)
    )
    ratio = (together.high_G - together.mean_G) / (alone.high_G - alone.mean_G)
    assert ratio[0] == pytest.approx(np.sqrt(20), rel=0.02)


def test_few_sessions_give_no_interval() -> None:
    means = group_means(np.arange(90.0), np.zeros(90, int), np.arange(90) // 10, groups=1)
    assert means.clusters_G[0] == 9
    assert np.isnan(means.low_G[0])


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=200))
def test_deciles_keep_equal_forecasts_together_and_in_order(values: list[int]) -> None:
    prediction_N = np.array(values, dtype=float)
    decile_N, count = deciles(prediction_N)
    assert set(decile_N) == set(range(count))
    for value in set(values):
        assert len(set(decile_N[prediction_N == value])) == 1
    order = np.argsort(prediction_N, kind="stable")
    assert (np.diff(decile_N[order]) >= 0).all()


@settings(max_examples=50)
@given(st.integers(1, 400), st.integers(1, 40), st.integers(0, 1000))
def test_thinning_hides_no_extreme(rows: int, buckets: int, seed: int) -> None:
    y_N = np.random.default_rng(seed).standard_t(2, rows)
    x_N = np.arange(float(rows))
    kept_x, kept_y = keep_extremes(x_N, y_N, buckets=buckets)
    assert kept_y.min() == y_N.min()
    assert kept_y.max() == y_N.max()
    assert (kept_x[0], kept_x[-1]) == (x_N[0], x_N[-1])
    assert (np.diff(kept_x) > 0).all()
    assert len(kept_x) <= 4 * max(buckets, 1)
    thin = bucket_means(x_N, y_N[:, None], buckets=buckets)
    assert (thin.low_K.min(), thin.high_K.max()) == (y_N.min(), y_N.max())
    assert len(thin.x_K) <= buckets


def test_history_fills_each_pack_in_its_place() -> None:
    records = [
        {"epoch": 1, "first_member": 0, "loss": [1.0, 2.0]},
        {"epoch": 1, "first_member": 2, "loss": [3.0, None]},
        {"epoch": 2, "first_member": 2, "loss": [5.0, 6.0]},
    ]
    past = history(records, "loss", at="epoch")
    expected = [[1.0, 2.0, 3.0, np.nan], [np.nan, np.nan, 5.0, 6.0]]
    np.testing.assert_array_equal(past.value_KM, expected)


def test_a_histogram_counts_every_row() -> None:
    value_N = np.random.default_rng(3).standard_t(2, 5000)
    summary = shape(value_N)
    assert sum(summary["counts"]) + summary["below"] + summary["above"] == 5000
    assert summary["lowest"] == value_N.min()
    same = shape(np.full(7, 0.5))
    assert sum(same["counts"]) == 7
    assert same["excess_kurtosis"] is None
