import numpy as np
import pytest
from scipy.stats import linregress

from tailproof.evaluation.calibration import decile_table, slope_from_sums

RNG = np.random.default_rng(0)


def test_the_slope_is_that_of_scipy() -> None:
    x_N = RNG.normal(size=300)
    y_N = 0.3 * x_N + RNG.normal(size=300)
    ours = slope_from_sums(np.array(300.0), x_N.sum(), y_N.sum(), x_N @ x_N, x_N @ y_N)
    assert ours == pytest.approx(linregress(x_N, y_N).slope)


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
