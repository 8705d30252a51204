"""The boldest forecasts of known worlds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.worlds.known_skill import forecast_with, full_evidence, verdict_of
from tests.worlds.one_bar import ROWS, honest, leaking, suspected

from tailproof.core.records import Forecast
from tailproof.evaluation.boldest import boldest_forecasts, too_often_right


def boldest_of(forecast: Forecast, *last_returns: np.ndarray):
    return boldest_forecasts(
        forecast, zero_return_target_N=np.full(ROWS, 0.5), last_returns=last_returns, group_N=forecast.session_N
    )


@pytest.mark.parametrize("ic", [0.0, 0.03, 0.1])
def test_an_honest_signal_of_the_next_bar_alone_is_not_suspected(ic: float) -> None:
    assert not any(suspected(honest(ic, seed)) for seed in range(10))


@pytest.mark.parametrize("one_in", [10, 50])
def test_a_leak_on_few_rows_is_suspected(one_in: int) -> None:
    assert all(suspected(leaking(one_in, seed)) for seed in range(10))


def test_the_figures_are_those_of_the_leaking_rows() -> None:
    boldest = boldest_of(leaking(50, 0))
    assert boldest.rows == ROWS // 100
    assert boldest.hit_rate == 1.0
    assert 0.4 < boldest.one_bar_late < 0.6
    assert np.isnan(boldest.last_return)


def test_a_known_reversal_that_is_as_often_right_explains_it() -> None:
    forecast = leaking(50, 0)
    assert too_often_right(boldest_of(forecast))
    assert not too_often_right(boldest_of(forecast, forecast.prediction_N))


def test_what_is_as_right_a_bar_later_is_not_a_leak_of_the_next_bar() -> None:
    forecast = leaking(50, 0)
    return_N = np.repeat(forecast.return_N[::2], 2)
    lasting = replace(forecast, return_N=return_N, prediction_N=np.where(np.abs(forecast.prediction_N - 0.5) > 0.1,
                      0.5 + 0.2 * np.sign(return_N), 0.5))  # fmt: skip
    lasting.prediction_N[1::2] = 0.5
    assert boldest_of(lasting).one_bar_late > 0.9
    assert not too_often_right(boldest_of(lasting))


def test_a_strong_signal_that_was_declared_is_not_suspected() -> None:
    boldest = boldest_of(forecast_with(0.3, rows=ROWS))
    assert too_often_right(boldest)
    assert not too_often_right(boldest, expected_ic=0.35)


def test_the_verdict_is_suspicious_and_says_why() -> None:
    forecast = leaking(50, 0)
    verdict = verdict_of(forecast, full_evidence(rows=ROWS))
    assert verdict.rank_ic.value < 0.04
    assert verdict.verdict == "suspicious"
    assert "The boldest hundredth of the forecasts is right in 100% of 500 cases" in verdict.sentence
    assert "declare it before the run with the setting expect-ic" in verdict.sentence
