import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr

from tailproof.evaluation import spearman
from tailproof.statistics.ranks import average_ranks, rank_products, standard_rank_columns, standard_ranks


@settings(max_examples=200)
@given(values=st.lists(st.integers(-5, 5), min_size=1, max_size=60))
def test_ranks_are_those_of_scipy_with_any_ties(values: list[int]) -> None:
    values_N = np.array(values, dtype=np.float64)
    assert average_ranks(values_N).tolist() == (rankdata(values_N) - 1.0).tolist()


def test_standard_ranks_have_mean_zero_and_spread_one() -> None:
    rank_N = standard_ranks(np.random.default_rng(0).integers(0, 9, 1_000).astype(np.float64))
    assert (rank_N.mean(), rank_N.std()) == (pytest.approx(0.0, abs=1e-12), pytest.approx(1.0))
    assert np.isnan(standard_ranks(np.ones(3))).all()


def test_a_constant_has_no_rank() -> None:
    assert (standard_rank_columns(np.ones((5, 1))) == 0.0).all()


def test_rank_products_average_to_the_rank_ic() -> None:
    rng = np.random.default_rng(0)
    prediction_N, return_N = rng.random(500).round(1), rng.standard_t(3, 500)
    product_N = rank_products(prediction_N, return_N)
    assert product_N.mean() == pytest.approx(spearmanr(prediction_N, return_N).statistic, abs=1e-12)
    assert product_N.mean() == pytest.approx(spearman(prediction_N, return_N), abs=1e-12)


def test_a_constant_forecast_has_no_rank_ic() -> None:
    assert np.isnan(rank_products(np.ones(5), np.arange(5.0))).all()
