"""The rank IC by horizon, and how long forecasts last."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr
from tests.worlds.known_skill import forecast_with, full_evidence, verdict_of

from tailproof.evaluation.horizons import HORIZONS, forecast_autocorrelation, rank_ic_by_horizon, returns_ahead
from tailproof.statistics.groups import Groups

ROWS = 3_000
SEGMENT_B = np.arange(ROWS) // 100


def closes(seed: int = 0) -> np.ndarray:
    return 100.0 * np.exp(np.cumsum(1e-3 * np.random.default_rng(seed).standard_normal(ROWS)))


def test_no_return_leaves_its_segment() -> None:
    ahead = returns_ahead(closes(), SEGMENT_B, np.arange(ROWS))
    assert [int(np.isnan(ahead[bars]).sum()) for bars in HORIZONS] == [30 * bars for bars in HORIZONS]
    assert ahead[5][7] == closes()[12] / closes()[7] - 1.0


def test_each_horizon_is_spearmans_coefficient_of_the_rows_that_reach_so_far() -> None:
    close_B, bar_N = closes(), np.arange(10, ROWS)
    prediction_N = (
        np.random.default_rng(1).standard_normal(len(bar_N)) + 300.0 * np.r_[np.diff(close_B) / 100.0, 0][10:]
    )
    ahead = returns_ahead(close_B, SEGMENT_B, bar_N)
    by_horizon = rank_ic_by_horizon(prediction_N, ahead, Groups.of(SEGMENT_B[10:]), seed=0, replications=200)
    assert [each.bars for each in by_horizon] == list(HORIZONS)
    for each in by_horizon:
        known_N = np.isfinite(ahead[each.bars])
        assert each.rows == known_N.sum()
        assert each.rank_ic.value == pytest.approx(spearmanr(prediction_N[known_N], ahead[each.bars][known_N])[0])
        assert each.rank_ic.low < each.rank_ic.value < each.rank_ic.high
    assert by_horizon[0].rank_ic.low > by_horizon[-1].rank_ic.high, "what is known of one bar is little of thirty"


def test_segments_shorter_than_a_horizon_leave_it_unknown() -> None:
    segment_B = np.arange(ROWS) // 20
    ahead = returns_ahead(closes(), segment_B, np.arange(ROWS))
    by_horizon = rank_ic_by_horizon(closes(), ahead, Groups.of(segment_B), seed=0, replications=200)
    assert np.isnan(by_horizon[-1].rank_ic.value)
    assert by_horizon[-1].rows == 0


def test_the_first_horizon_is_the_rank_ic_of_the_verdict() -> None:
    forecast = forecast_with(0.05, rows=4_000)
    verdict = verdict_of(forecast, full_evidence(rows=4_000, returns_ahead={1: forecast.return_N}))
    (one,) = verdict.statistics.by_horizon
    assert one.rank_ic.value == pytest.approx(verdict.rank_ic.value)
    assert (one.rank_ic.low, one.rank_ic.high) == pytest.approx((verdict.rank_ic.low, verdict.rank_ic.high))


def test_forecasts_that_last_have_an_autocorrelation_near_one() -> None:
    forecast = forecast_with(0.05, rows=4_000)
    assert abs(forecast_autocorrelation(forecast)) < 0.05
    slow_N = np.convolve(forecast.prediction_N, np.ones(50) / 50, mode="same")
    assert forecast_autocorrelation(replace(forecast, prediction_N=slow_N)) > 0.95
    within_N = np.arange(4_000) % 200
    turning_N = np.where(within_N % 2, 1.0, -1.0) * (1.0 + 0.001 * within_N)
    assert forecast_autocorrelation(replace(forecast, prediction_N=turning_N)) < -0.7
