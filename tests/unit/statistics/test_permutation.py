import numpy as np
import pytest
from scipy.stats import spearmanr

from tailproof.statistics.permutation import rank_ic_lost


def rows(*, seed: int, groups: int = 60, size: int = 50) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A forecast that knows a little, the returns, and the group of each row."""
    random = np.random.default_rng(seed)
    return_R = random.standard_t(3, groups * size)
    return 0.1 * return_R + random.normal(size=len(return_R)), return_R, np.repeat(np.arange(groups), size)


def test_the_loss_is_the_difference_of_two_rank_correlations() -> None:
    own_R, return_R, group_R = rows(seed=0)
    random = np.random.default_rng(1)
    shuffled_SCR = np.stack([[random.permutation(own_R)] for _ in range(3)])
    lost = rank_ic_lost(own_R, shuffled_SCR, return_R, group_R, rng=random)
    assert lost is not None
    without = np.mean([spearmanr(order[0], return_R).statistic for order in shuffled_SCR])
    assert lost[0].value == pytest.approx(spearmanr(own_R, return_R).statistic - without, abs=1e-12)
    assert lost[0].low < lost[0].value < lost[0].high


def test_nineteen_of_twenty_intervals_hold_what_is_truly_lost() -> None:
    held = 0
    for seed in range(60):
        own_R, return_R, group_R = rows(seed=seed)
        noise_R = np.random.default_rng(1_000 + seed).normal(size=len(own_R))
        lost = rank_ic_lost(own_R, noise_R[None, None], return_R, group_R, rng=np.random.default_rng(seed))
        assert lost is not None
        held += lost[0].low <= TRUE_IC <= lost[0].high
    assert held >= 52, held  # 57 expected; fewer than 52 has a probability under 0.01


def true_ic() -> float:
    own_R, return_R, _ = rows(seed=99, groups=4_000)
    return float(spearmanr(own_R, return_R).statistic)


TRUE_IC = true_ic()


def test_a_forecast_that_no_longer_varies_has_lost_all_and_a_constant_has_nothing_to_lose() -> None:
    own_R, return_R, group_R = rows(seed=0)
    random = np.random.default_rng(0)
    lost = rank_ic_lost(own_R, np.ones((1, 1, len(own_R))), return_R, group_R, rng=random)
    assert lost is not None
    assert lost[0].value == pytest.approx(spearmanr(own_R, return_R).statistic)
    assert rank_ic_lost(np.ones(len(own_R)), own_R[None, None], return_R, group_R, rng=random) is None
