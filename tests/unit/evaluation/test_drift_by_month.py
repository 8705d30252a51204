import numpy as np
import pytest
from scipy.stats import ks_2samp

from tailproof.evaluation.drift_by_month import drift_by_month, drift_lines, largest_distance


def test_drift_names_the_column_and_the_month() -> None:
    rng = np.random.default_rng(0)
    known_at_N = np.arange(4000) * 3_600_000_000_000 + 1_700_000_000_000_000_000
    still_N, moved_N = rng.standard_normal(4000), rng.standard_normal(4000) + 3.0 * (np.arange(4000) > 3000)
    found = drift_by_month(("still", "moved"), np.column_stack([still_N, moved_N]), known_at_N, train=range(2000))
    assert {one.month for one in found if one.large} <= {"2024-03", "2024-04"}
    assert {one.name for one in found if one.large} == {"moved"}
    worst = max(found, key=lambda one: one.psi)
    rows_N = np.flatnonzero(known_at_N.astype("datetime64[ns]").astype("datetime64[M]").astype(str) == worst.month)
    rows_N = rows_N[rows_N >= 2000]
    assert worst.ks == pytest.approx(ks_2samp(moved_N[:2000], moved_N[rows_N]).statistic)
    assert worst.outside > 0.2
    lines = drift_lines(found)
    assert len(lines) == 1
    assert lines[0].startswith("'moved' drifts in ")


def test_daily_bars_are_compared_by_the_year_since_chance_shifts_a_month_of_twenty_rows() -> None:
    days_N = np.arange("2000-01-01", "2012-01-01", dtype="datetime64[D]").astype("datetime64[ns]").astype(np.int64)
    still_N = np.random.default_rng(0).normal(size=len(days_N))
    found = drift_by_month(("still",), still_N[:, None], days_N, train=range(1500))
    assert {len(one.month) for one in found} == {4}
    assert drift_lines(found) == []


def test_the_distance_is_that_of_scipy_with_ties_too() -> None:
    rng = np.random.default_rng(0)
    first_N, second_N = rng.integers(20, size=300).astype(float), rng.normal(8, 6, size=170).round()
    assert largest_distance(first_N, second_N) == pytest.approx(ks_2samp(first_N, second_N).statistic)
