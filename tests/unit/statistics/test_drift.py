"""Drift against scipy's entropies and its Kolmogorov-Smirnov distance."""

import numpy as np
import pytest
from scipy.stats import entropy, ks_2samp

from tailproof.statistics.drift import ReferenceBins, drift_by_month, drift_lines, largest_distance


def test_it_is_the_symmetric_divergence_of_the_shares() -> None:
    rng = np.random.default_rng(0)
    earlier_N, later_N = rng.standard_normal(4000), rng.standard_normal(3000) + 0.5
    edges = np.quantile(earlier_N, np.arange(1, 10) / 10)
    p_B, q_B = (np.bincount(np.searchsorted(edges, each), minlength=10) for each in (earlier_N, later_N))
    expected = entropy(p_B, q_B) + entropy(q_B, p_B)
    assert ReferenceBins.of(earlier_N).psi(later_N) == pytest.approx(expected, rel=1e-9)


def test_empty_bins_give_a_finite_number() -> None:
    assert 5.0 < ReferenceBins.of(np.arange(1000.0)).psi(np.full(50, -1.0)) < 20.0


def test_a_mass_point_is_parted_from_what_lies_below_and_above_it() -> None:
    """[0] x 50 and [1] x 950 against zeros alone had one bin and a PSI of 0; the distance is 0.95."""
    mixed_N, zero_N = np.repeat([0.0, 1.0], [50, 950]), np.zeros(1_000)
    for earlier_N, later_N in ((mixed_N, zero_N), (zero_N, mixed_N), (-mixed_N, zero_N), (zero_N, -mixed_N)):
        bins = ReferenceBins.of(earlier_N)
        assert bins.psi(later_N) > 5.0
        assert bins.distance(later_N) == pytest.approx(ks_2samp(earlier_N, later_N).statistic, abs=1e-3)


def test_the_distance_over_bins_is_close_to_that_of_all_values() -> None:
    rng = np.random.default_rng(0)
    earlier_N, later_N = rng.normal(size=4_000), rng.normal(size=3_000) + 0.4
    binned = ReferenceBins.of(earlier_N).distance(later_N)
    assert binned <= largest_distance(earlier_N, later_N) + 1e-12
    assert binned == pytest.approx(largest_distance(earlier_N, later_N), abs=0.02)


def test_drift_names_the_column_and_the_month() -> None:
    rng = np.random.default_rng(0)
    known_at_N = np.arange(4000) * 3_600_000_000_000 + 1_700_000_000_000_000_000
    still_N, moved_N = rng.standard_normal(4000), rng.standard_normal(4000) + 3.0 * (np.arange(4000) > 3000)
    drifts = drift_by_month(("still", "moved"), np.column_stack([still_N, moved_N]), known_at_N, train=range(2000))
    assert {one.month for one in drifts if one.large} <= {"2024-03", "2024-04"}
    assert {one.name for one in drifts if one.large} == {"moved"}
    worst = max(drifts, key=lambda one: one.psi)
    rows_N = np.flatnonzero(known_at_N.astype("datetime64[ns]").astype("datetime64[M]").astype(str) == worst.month)
    rows_N = rows_N[rows_N >= 2000]
    assert worst.ks == pytest.approx(ks_2samp(moved_N[:2000], moved_N[rows_N]).statistic)
    assert worst.outside > 0.2
    lines = drift_lines(drifts)
    assert len(lines) == 2
    assert lines[0].startswith("Drift: 1 of 2 columns shift after training, 'moved' the furthest (PSI ")
    assert lines[1].startswith("  'moved' drifts in ")


def test_daily_bars_are_compared_by_the_year_since_chance_shifts_a_month_of_twenty_rows() -> None:
    days_N = np.arange("2000-01-01", "2012-01-01", dtype="datetime64[D]").astype("datetime64[ns]").astype(np.int64)
    still_N = np.random.default_rng(0).normal(size=len(days_N))
    drifts = drift_by_month(("still",), still_N[:, None], days_N, train=range(1500))
    assert {len(one.month) for one in drifts} == {4}
    assert drift_lines(drifts) == []


def test_the_distance_is_that_of_scipy_with_ties_too() -> None:
    rng = np.random.default_rng(0)
    first_N, second_N = rng.integers(20, size=300).astype(float), rng.normal(8, 6, size=170).round()
    assert largest_distance(first_N, second_N) == pytest.approx(ks_2samp(first_N, second_N).statistic)
