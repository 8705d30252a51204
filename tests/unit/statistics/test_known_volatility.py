import numpy as np
import pytest

from tailproof.statistics.known_volatility import FLOOR, ROWS, weights_of_known_volatility


def test_a_weight_is_that_of_the_returns_that_had_ended() -> None:
    rng = np.random.default_rng(0)
    known_N = np.cumsum(rng.integers(1, 5, 400))
    return_N, end_N = rng.normal(size=400), known_N + 7
    weight_N = weights_of_known_volatility(return_N, known_N, end_N)
    usual = np.abs(return_N).mean()
    for row in (10, 60, 399):
        ended = np.flatnonzero(end_N <= known_N[row])[-ROWS:]
        mean = np.abs(return_N[ended]).mean() / usual
        assert weight_N[row] == pytest.approx(((1.0 + FLOOR) / (mean + FLOOR)) ** 2)
    assert weight_N[0] == 0.0, "no return had ended"


def test_later_returns_change_all_weights_by_one_factor() -> None:
    rng = np.random.default_rng(1)
    minute_N, return_N = np.arange(300), rng.normal(size=300)
    later_N = np.r_[return_N[:200], 50.0 * return_N[200:]]
    one_N, other_N = (weights_of_known_volatility(each, minute_N, minute_N + 1) for each in (return_N, later_N))
    # The floor is a share of the mean of all rows, so equal sizes of what is known stay equal, and their order stays.
    assert (np.argsort(one_N[1:200]) == np.argsort(other_N[1:200])).all()


def test_returns_that_never_vary_have_no_weight() -> None:
    assert not weights_of_known_volatility(np.zeros(5), np.arange(5), np.arange(5) + 1).any()
