import numpy as np
import pytest

from tailproof.evaluation.paying.calendar import fall_from_peak, month_results

RNG = np.random.default_rng(0)


def test_the_fall_is_that_of_a_loop() -> None:
    result_S = RNG.normal(size=300)
    running = peak = 0.0
    for result, fall in zip(result_S, fall_from_peak(result_S), strict=True):
        running += result
        peak = max(peak, running)
        assert fall == pytest.approx(running - peak)


def test_months_add_up_to_the_whole() -> None:
    days_S = np.arange("2020-01-15", "2022-03-03", dtype="datetime64[D]").astype("datetime64[ns]").astype(np.int64)
    result_S = RNG.normal(size=len(days_S))
    months = month_results(days_S, result_S)
    assert len(months) == 27
    assert sum(months.values()) == pytest.approx(result_S.sum())
    assert months["2020-02"] == pytest.approx(result_S[17:46].sum())
