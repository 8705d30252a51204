"""Correlation, inflation and clusters of columns, against SciPy and statsmodels."""

import numpy as np
from scipy.stats import spearmanr
from statsmodels.stats.outliers_influence import variance_inflation_factor

from tailproof.selection.redundancy import clusters, rank_correlation, variance_inflation
from tailproof.statistics.ranks import standard_rank_columns

ROWS = 6000


def columns(seed: int = 0, count: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((ROWS, count))


def test_rank_correlation_is_spearman() -> None:
    x_NF = columns() @ np.array([[1.0, 0.8, 0.0], [0.0, 0.6, 0.0], [0.0, 0.0, 1.0]])
    np.testing.assert_allclose(rank_correlation(standard_rank_columns(x_NF)), spearmanr(x_NF).statistic, atol=1e-5)


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
