import json

import numpy as np
import pytest

from tailproof.core.records import Forecast
from tailproof.evaluation import judge
from tailproof.evaluation.direction import hit_rate
from tailproof.evaluation.groups import group_numbers
from tailproof.objectives import Objective

ROWS = 20_000


def forecast_with(ic: float, *, seed: int = 0) -> Forecast:
    rng = np.random.default_rng(seed)
    signal_N, noise_N = rng.normal(size=ROWS), rng.normal(size=ROWS)
    return_N = 1e-4 * (ic * signal_N + np.sqrt(1 - ic**2) * noise_N)
    target_N = np.argsort(np.argsort(return_N)) / (ROWS - 1)
    time_N = np.arange(ROWS, dtype=np.int64) * 60_000_000_000
    return Forecast(
        prediction_N=0.5 + 0.28 * ic * signal_N,
        predicted_return_N=1e-4 * ic * signal_N,
        target_N=target_N,
        return_N=return_N,
        known_at_N=time_N,
        label_end_N=time_N + 60_000_000_000,
        session_N=(np.arange(ROWS) // 500).astype(np.int32),
    )


def verdict_of(forecast: Forecast):
    return judge(
        forecast,
        objective=Objective(loss="huber", delta=0.1),
        constant=0.5,
        neutral=0.5,
        group_N=forecast.session_N,
        judged_on_validation=False,
    )


def test_noise_is_no_evidence() -> None:
    words = [verdict_of(forecast_with(0.0, seed=seed)).verdict for seed in range(5)]
    assert set(words) == {"no evidence"}


def test_a_small_signal_is_unproven_and_its_skill_has_the_size_theory_gives() -> None:
    verdict = verdict_of(forecast_with(0.04))
    assert verdict.verdict == "unproven"
    assert verdict.model.rank_ic.pooled == pytest.approx(0.04, abs=0.02)
    assert 0.0 < verdict.skill_vs_constant < 0.01
    assert "no baseline or placebo" in verdict.sentence


def test_a_signal_larger_than_bars_give_is_suspicious() -> None:
    assert verdict_of(forecast_with(0.3)).verdict == "suspicious"


def test_the_constant_has_no_skill_and_the_verdict_is_valid_json() -> None:
    forecast = forecast_with(0.0)
    flat = Forecast(**{**vars(forecast), "prediction_N": np.full(ROWS, 0.5)})
    verdict = verdict_of(flat)
    assert verdict.skill_vs_constant == 0.0
    assert "same for every row" in verdict.sentence
    record = json.loads(json.dumps(verdict.as_json(), allow_nan=False))
    assert record["model"]["rank_ic"]["pooled"] is None


def test_hit_rate_leaves_out_rows_that_did_not_move() -> None:
    result = hit_rate(np.array([0.9, 0.1, 0.9, 0.9]), np.array([1.0, -1.0, -1.0, 0.0]), neutral=0.5)
    assert (result.rows, result.hit_rate, result.base_rate) == (3, pytest.approx(2 / 3), pytest.approx(2 / 3))


def test_daily_rows_are_grouped_by_month() -> None:
    days_N = np.array(["2024-01-30", "2024-01-31", "2024-02-01"], dtype="datetime64[ns]").astype(np.int64)
    groups = group_numbers(np.zeros(3, dtype=np.int32), days_N, daily=True)
    assert np.diff(groups).tolist() == [0, 1]
