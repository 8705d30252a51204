import numpy as np
import pytest
from scipy.stats import linregress

from tailproof.statistics.calibration import decile_table, slope_from_sums
from tailproof.statistics.groups import Groups

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
    table = decile_table(x_N, x_N, return_N, Groups.of(np.arange(len(x_N)) // 10))
    assert [row.rows for row in table] == [100] * 10
    assert np.mean([row.mean_return for row in table]) == pytest.approx(return_N.mean())
    assert [row.prediction for row in table] == sorted(row.prediction for row in table)


def test_a_forecast_that_never_varies_is_one_decile_without_a_slope() -> None:
    (row,) = decile_table(np.ones(50), np.ones(50), np.ones(50), Groups.of(np.arange(50) // 10))
    assert (row.rows, row.share_up) == (50, 1.0)
    assert np.isnan(slope_from_sums(np.array(50.0), np.array(50.0), np.array(9.0), np.array(50.0), np.array(9.0)))


def test_the_interval_of_a_tenth_is_that_of_its_mean() -> None:
    rng = np.random.default_rng(0)
    x_N, y_N = rng.normal(size=(2, 4_000))
    first = decile_table(x_N, y_N, y_N, Groups.of(np.arange(4_000)))[0]
    own_N = y_N[x_N <= np.quantile(x_N, 0.1)]
    reach = 1.959964 * own_N.std(ddof=1) / np.sqrt(len(own_N))
    assert (first.return_low, first.return_high) == pytest.approx(
        (own_N.mean() - reach, own_N.mean() + reach), rel=1e-6
    )
    assert first.target_low == first.return_low
