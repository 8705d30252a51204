import json

import numpy as np
import pytest
from scipy.stats import norm, rankdata

from tailproof.arrays.scratch import ROWS_AT_ONCE
from tailproof.core.errors import ConfigError
from tailproof.tasks import TASKS, RankTransform, RawTransform

RNG = np.random.default_rng(0)
RETURNS = np.round(RNG.standard_t(3, 5000) * 4) * 2.5e-4


def test_ranks_equal_scipy_on_the_training_rows() -> None:
    expected_N = (rankdata(RETURNS) - 1) / (len(RETURNS) - 1)
    np.testing.assert_allclose(RankTransform.fit(RETURNS).transform(RETURNS), expected_N, atol=1e-15)


def test_later_returns_are_interpolated_and_held_inside_the_range() -> None:
    ranks = RankTransform.fit(np.array([0.0, 1.0, 3.0]))
    np.testing.assert_allclose(ranks.transform(np.array([-5.0, 0.5, 2.0, 99.0])), [0.0, 0.25, 0.75, 1.0])


def test_ranks_are_those_of_numpys_interpolation_to_the_bit() -> None:
    ranks = RankTransform.fit(RETURNS)
    return_N = np.r_[RNG.standard_t(3, ROWS_AT_ONCE + 1) * 1e-3, RETURNS, np.nan, 9.0, -9.0]
    np.testing.assert_array_equal(ranks.transform(return_N), np.interp(return_N, ranks.return_K, ranks.rank_K))


def test_later_returns_do_not_change_the_ranks() -> None:
    table = RankTransform.fit(RETURNS)
    table.transform(np.array([9.0, -9.0]))
    np.testing.assert_array_equal(table.rank_K, RankTransform.fit(RETURNS).rank_K)


@pytest.mark.parametrize("name", ["rank", "rank-gauss", "raw"])
def test_the_inverse_gives_the_returns_back(name: str) -> None:
    transform = TASKS[name].fit(RETURNS)
    np.testing.assert_allclose(transform.inverse(transform.transform(RETURNS)), RETURNS, atol=1e-12)


def test_normal_scores_are_normal_and_finite() -> None:
    continuous_N = RNG.standard_t(3, 5000)
    score_N = TASKS["rank-gauss"].fit(continuous_N).transform(np.r_[continuous_N, 1e9, -1e9])
    assert np.isfinite(score_N).all()
    np.testing.assert_allclose(np.sort(score_N[:5000]), norm.ppf((np.arange(5000) + 0.5) / 5000), atol=1e-6)


def test_raw_targets_are_in_training_standard_deviations() -> None:
    transform = TASKS["raw"].fit(RETURNS)
    assert isinstance(transform, RawTransform)
    assert abs(transform.transform(RETURNS).std() - 1.0) < 1e-12


def test_the_stored_table_is_as_accurate_as_it_says() -> None:
    ranks = RankTransform.fit(RNG.standard_t(3, 50_000))
    stored = ranks.as_json()
    again = RankTransform(return_K=np.array(stored["returns"]), rank_K=np.array(stored["ranks"]))
    error = np.abs(again.transform(ranks.return_K) - ranks.rank_K).max()
    assert len(stored["ranks"]) <= 2001
    assert error == stored["largest_rank_error"] < 1e-3


def test_returns_that_do_not_vary_are_refused() -> None:
    with pytest.raises(ConfigError, match="must vary on the training rows, got 7 equal returns"):
        TASKS["rank"].fit(np.zeros(7))


@pytest.mark.parametrize(
    "return_N",
    [
        np.random.default_rng(1).standard_t(3, 30_001),
        np.r_[np.random.default_rng(2).standard_t(3, 30_001), 1e6, -1e6],
        np.r_[np.linspace(-1.0, 1.0, 30_000), np.full(20_000, -1.0), np.full(20_000, 1.0)],
    ],
    ids=["fat tails", "two crashes", "as many again at either end"],
)
@pytest.mark.parametrize("name", ["rank", "rank-gauss"])
def test_the_stored_table_keeps_its_ends(name: str, return_N: np.ndarray) -> None:
    """The largest and the smallest training return have the same target again, and these ranks their returns."""
    fitted = TASKS[name].fit(return_N)
    again = TASKS[name].read(json.loads(json.dumps(fitted.as_json())))
    ends_E = np.array([return_N.min(), return_N.max()])
    np.testing.assert_array_equal(again.transform(ends_E), fitted.transform(ends_E))
    np.testing.assert_array_equal(again.transform(1.5 * ends_E), fitted.transform(1.5 * ends_E))
    if name == "rank":  # normal scores round on their way back
        np.testing.assert_array_equal(again.inverse(again.transform(ends_E)), ends_E)
