import numpy as np
import pytest
from arch.bootstrap import optimal_block_length

from tailproof.statistics.block_length import automatic_block_length, block_length


@pytest.mark.parametrize("window", [1, 5, 40])
@pytest.mark.parametrize("rows", [20, 21, 250, 3_000])
def test_the_rule_is_that_of_arch(rows: int, window: int) -> None:
    rng = np.random.default_rng(rows)
    for _ in range(20):
        value_N = np.convolve(rng.standard_t(3, size=rows + window - 1), np.ones(window), "valid")
        theirs = float(optimal_block_length(value_N)["stationary"].iloc[0])
        assert automatic_block_length(value_N) == pytest.approx(theirs, rel=1e-9)


def test_a_random_walk_takes_long_blocks() -> None:
    walk_N = np.cumsum(np.random.default_rng(0).normal(size=400))
    assert 25.0 < block_length(walk_N) <= 60.0


def test_independent_scores_have_short_blocks() -> None:
    assert 1.0 <= block_length(np.random.default_rng(0).normal(size=500)) < 4.0
    assert block_length(np.ones(50)) == 1.0


@pytest.mark.parametrize("groups", range(2, 40))
def test_any_number_of_groups_has_a_block_length(groups: int) -> None:
    scores_G = np.random.default_rng(groups).normal(size=groups)
    assert 1.0 <= block_length(scores_G) <= max(1.0, groups / 5)
    assert 1.0 <= block_length(np.r_[scores_G, np.zeros(groups)]) <= max(1.0, groups / 2.5)
