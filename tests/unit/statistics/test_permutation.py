import numpy as np
import pytest
from scipy.stats import spearmanr

from tailproof.statistics.permutation import permuted_rows, rank_ic_lost, shuffled_forecasts
from tailproof.statistics.ranks import standard_rank_columns

ROWS = 6000
GROUP_N = np.arange(ROWS) // 100


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


def columns(seed: int = 0, count: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((ROWS, count))


def test_permuting_moves_whole_groups() -> None:
    order_N = permuted_rows(GROUP_N, np.random.default_rng(0))
    assert sorted(order_N.tolist()) == list(range(ROWS))
    blocks = order_N.reshape(60, 100)
    assert (np.diff(blocks, axis=1) == 1).all()
    assert blocks[:, 0].tolist() != sorted(blocks[:, 0].tolist())


def test_twins_hide_each_other_only_when_permuted_apart() -> None:
    """The forecast is the mean of two twins; permuting one leaves the other to tell."""
    x_N = columns()[:, 0]
    x_NF = np.column_stack([x_N, x_N, columns()[:, 1]])
    rank_N = standard_rank_columns((0.2 * x_N + columns(5)[:, 0])[:, None])[:, 0]

    def predict(rows_NF: np.ndarray) -> np.ndarray:
        return rows_NF[:, 0] + rows_NF[:, 1]

    before_NF, own = x_NF.copy(), spearmanr(x_N, rank_N).statistic
    shuffled_SCN = shuffled_forecasts(
        predict, x_NF, GROUP_N, [[0], [0, 1], [2]], orders=3, random=np.random.default_rng(0)
    )
    ic_SC = [[spearmanr(each_N, rank_N).statistic for each_N in each_CN] for each_CN in shuffled_SCN]
    loss_C = own - np.mean(ic_SC, axis=0)
    np.testing.assert_array_equal(x_NF, before_NF)
    assert loss_C[1] == pytest.approx(own, abs=0.05)
    assert loss_C[0] < 0.5 * loss_C[1]
    assert loss_C[2] == pytest.approx(0.0, abs=1e-9)
