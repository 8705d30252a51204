import numpy as np
import pytest
from scipy.stats import linregress

from tailproof.statistics.calibration import decile_table, slope_from_sums

RNG = np.random.default_rng(0)


def test_the_slope_is_that_of_scipy() -> None:
    x_N = RNG.normal(size=300)
    y_N = 0.3 * x_N + RNG.normal(size=300)
    ours = slope_from_sums(np.array(300.0), x_N.sum(), y_N.sum(), x_N @ x_N, x_N @ y_N)
    assert ours == pytest.approx(linregress(x_N, y_N).slope)


def test_a_worked_example() -> None:
    """Anscombe (1973), Graphs in statistical analysis: the first of his four data sets has the line y = 3 + 0.5 x."""
    x_N = np.array([10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5.0])
    y_N = np.array([8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68])
    ours = slope_from_sums(np.array(11.0), x_N.sum(), y_N.sum(), x_N @ x_N, x_N @ y_N)
    assert ours == pytest.approx(0.500, abs=5e-4)
    assert y_N.mean() - ours * x_N.mean() == pytest.approx(3.00, abs=5e-3)


def test_deciles_hold_a_tenth_each_and_all_rows_together() -> None:
    x_N, return_N = RNG.normal(size=1_000), RNG.normal(size=1_000)
    table = decile_table(x_N, x_N, return_N)
    assert [row.rows for row in table] == [100] * 10
    assert np.mean([row.mean_return for row in table]) == pytest.approx(return_N.mean())
    assert [row.prediction for row in table] == sorted(row.prediction for row in table)


def test_a_forecast_that_never_varies_is_one_decile_without_a_slope() -> None:
    (row,) = decile_table(np.ones(50), np.ones(50), np.ones(50))
    assert (row.rows, row.share_up) == (50, 1.0)
    assert np.isnan(slope_from_sums(np.array(50.0), np.array(50.0), np.array(9.0), np.array(50.0), np.array(9.0)))
