import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from tailproof.core.errors import ConfigError
from tailproof.evaluation import placebo_p_value, placebo_shifts, shifted_rows


def sessions_of(lengths: list[int]) -> np.ndarray:
    return np.repeat(np.arange(len(lengths)), lengths)


def place(session_N: np.ndarray) -> np.ndarray:
    start = np.r_[True, np.diff(session_N) != 0]
    return np.arange(len(session_N)) - np.maximum.accumulate(np.where(start, np.arange(len(session_N)), 0))


def test_equal_sessions_are_shifted_as_wholes() -> None:
    (source_N,) = shifted_rows(sessions_of([4] * 5), [2])
    assert source_N.tolist() == ((np.arange(20) + 8) % 20).tolist()


@settings(max_examples=300)
@given(lengths=st.lists(st.integers(1, 12), min_size=2, max_size=12), data=st.data())
def test_no_row_keeps_a_target_of_its_session_and_the_time_of_day_stays(lengths: list[int], data) -> None:
    session_N = sessions_of(lengths)
    shift = data.draw(st.integers(1, len(lengths) - 1))
    (source_N,) = shifted_rows(session_N, [shift])
    assert (session_N[source_N] != session_N).all()
    second_longest = sorted(lengths)[-2]
    shared = place(session_N) < second_longest
    assert (place(session_N)[source_N] == place(session_N))[shared].all()
    assert len(np.unique(source_N[shared])) == shared.sum(), "a target is used twice"
    assert (place(session_N)[source_N] == place(session_N) % second_longest).all()


def test_shifts_differ_and_are_never_whole_circles() -> None:
    shifts = placebo_shifts(sessions_of([3] * 20), count=19, rng=np.random.default_rng(0))
    assert sorted(shifts) == list(range(1, 20))


def test_more_placebos_than_shifts_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"placebos=19 and 10 sessions\. Give at most placebos=9"):
        placebo_shifts(sessions_of([3] * 10), count=19, rng=np.random.default_rng(0))


def test_p_values_of_noise_are_uniform() -> None:
    """Under the null real and placebos are exchangeable, so p is uniform on 1/20 ... 20/20."""
    rng = np.random.default_rng(0)
    drawn = rng.normal(size=(20_000, 20))
    p_values = np.array([placebo_p_value(row[0], row[1:]) for row in drawn])
    assert kstest(p_values - rng.random(20_000) / 20, "uniform").pvalue > 0.01
    assert np.mean(p_values <= 0.05) == pytest.approx(0.05, abs=0.005)


def test_forecasts_that_never_vary_know_nothing() -> None:
    assert placebo_p_value(float("nan"), [-0.01, 0.01]) == pytest.approx(2 / 3)
    assert placebo_p_value(0.01, [float("nan")] * 3) == 0.25
