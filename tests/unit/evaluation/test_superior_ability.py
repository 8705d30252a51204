import numpy as np
import pytest
from arch.bootstrap import SPA, StationaryBootstrap
from tests.reference.stationary_bootstrap import every_sample

from tailproof.evaluation.superior_ability import bootstrap_variance, superior_ability


def p_value(benchmark_G, **losses_G) -> float:
    return superior_ability(benchmark_G, losses_G, mean_block=2.0, rng=np.random.default_rng(0))


def test_it_is_archs_test_of_differences_over_their_standard_errors() -> None:
    rng = np.random.default_rng(1)
    benchmark_G, first_G, second_G = rng.normal(size=(3, 150))
    gain_GK = benchmark_G[:, None] - np.stack([first_G, second_G], axis=1)
    gain_GK /= np.sqrt(bootstrap_variance(gain_GK, mean_block=2))
    direct = SPA(np.zeros(150), -gain_GK, block_size=2, reps=1000, seed=np.random.default_rng(0))
    direct.compute()
    assert p_value(benchmark_G, first=first_G, second=second_G) == direct.pvalues["consistent"]


def test_the_variance_is_that_of_drawn_means() -> None:
    values_G = np.convolve(np.random.default_rng(4).normal(size=203), np.ones(4), "valid")
    draws = StationaryBootstrap(5, values_G, seed=np.random.default_rng(0)).apply(np.mean, reps=20_000)
    assert bootstrap_variance(values_G[:, None], mean_block=5)[0] == pytest.approx(200 * draws.var(), rel=0.04)


def test_a_wild_forecast_does_not_hide_a_good_one() -> None:
    """Without dividing by the standard errors, the wild forecast alone would make the distribution of the maximum."""
    rng = np.random.default_rng(6)
    benchmark_G = rng.normal(size=200)
    good_G, wild_G = benchmark_G - 0.3 + 0.5 * rng.normal(size=200), benchmark_G + 20.0 * rng.normal(size=200)
    assert p_value(benchmark_G, good=good_G, wild=wild_G) < 0.01
    plain = SPA(benchmark_G, np.stack([good_G, wild_G], axis=1), block_size=2, reps=1000, seed=np.random.default_rng(0))
    plain.compute()
    assert plain.pvalues["consistent"] > 0.1


def plain_test(benchmark_G: np.ndarray, loss_GK: np.ndarray, *, mean_block: int, draws: int) -> float:
    """Hansen (2005), section 3, written out: T = max(max sqrt(n) d_k / w_k, 0), recentred by the consistent rule.

    The stationary bootstrap is Politis and Romano's (1994): each drawn group is followed by its neighbour, or with
    probability 1 / mean_block by a new one; w_k is the standard deviation of the bootstrapped means times sqrt(n).
    """
    rng = np.random.default_rng(7)
    d_GK = benchmark_G[:, None] - loss_GK
    n = len(d_GK)
    mean_BK = np.empty((draws, d_GK.shape[1]))
    for draw in range(draws):
        row_G = np.empty(n, dtype=int)
        fresh_G = rng.random(n) < 1.0 / mean_block
        for place in range(n):
            row_G[place] = rng.integers(n) if place == 0 or fresh_G[place] else (row_G[place - 1] + 1) % n
        mean_BK[draw] = d_GK[row_G].mean(axis=0)
    d_K = d_GK.mean(axis=0)
    w_K = mean_BK.std(axis=0) * np.sqrt(n)
    statistic = max(0.0, (np.sqrt(n) * d_K / w_K).max())
    threshold_K = -np.sqrt(w_K**2 / n * 2.0 * np.log(np.log(n)))
    centre_K = np.where(d_K >= threshold_K, d_K, 0.0)
    drawn_B = np.maximum(0.0, (np.sqrt(n) * (mean_BK - centre_K) / w_K).max(axis=1))
    return float((drawn_B >= statistic).mean())


@pytest.mark.parametrize("gain", [0.0, 0.12, 0.2])
def test_it_is_hansens_test_written_out(gain: float) -> None:
    rng = np.random.default_rng(3)
    benchmark_G = rng.normal(size=120)
    loss_GK = benchmark_G[:, None] + rng.normal(size=(120, 4)) + np.array([0.5, 0.0, -gain, 0.1])
    ours = p_value(benchmark_G, **{str(k): loss_GK[:, k] for k in range(4)})
    assert ours == pytest.approx(plain_test(benchmark_G, loss_GK, mean_block=2, draws=1000), abs=0.05)


@pytest.mark.parametrize("mean_block", [1, 2])
def test_a_worked_example_with_every_sample_counted(mean_block: int) -> None:
    """Published p-values of the test hang on random numbers that nobody can draw again. Of six groups every sample of
    the stationary bootstrap can be counted: the variance must then be exact, and the p-value what 20,000 draws allow.
    The second forecast is so much worse than the benchmark that Hansen's rule leaves it out of the null."""
    d_GK = np.array([[0.9, -2.0], [0.1, -1.0], [-0.8, -1.6], [1.3, -2.9], [0.4, -0.3], [-0.2, -2.2]])
    drawn_SG, probability_S = every_sample(6, mean_block=mean_block)
    mean_SK, mean_K = d_GK[drawn_SG].mean(axis=1), d_GK.mean(axis=0)
    w_K = np.sqrt(6 * probability_S @ (mean_SK - mean_K) ** 2)
    assert bootstrap_variance(d_GK, mean_block=mean_block) == pytest.approx(w_K**2, rel=1e-12)
    centre_K = np.where(mean_K >= -w_K / np.sqrt(6) * np.sqrt(2 * np.log(np.log(6))), mean_K, 0.0)
    assert (centre_K == 0.0).tolist() == [False, True]
    drawn_S = np.maximum(0.0, ((mean_SK - centre_K) / w_K).max(axis=1))
    exact = probability_S @ (drawn_S > max(0.0, (mean_K / w_K).max()) + 1e-12)
    losses = {str(k): -d_GK[:, k] for k in range(2)}
    ours = [
        superior_ability(np.zeros(6), losses, mean_block=mean_block, rng=np.random.default_rng(seed))
        for seed in range(20)
    ]
    assert np.mean(ours) == pytest.approx(exact, abs=0.012)


def test_equals_are_seldom_found_better_and_a_better_one_always() -> None:
    rng = np.random.default_rng(2)
    p_values = []
    for _ in range(20):
        benchmark_G = rng.normal(size=100)
        p_values.append(p_value(benchmark_G, **{str(k): benchmark_G + rng.normal(size=100) for k in range(4)}))
    assert np.mean(np.array(p_values) < 0.05) < 0.2
    assert p_value(benchmark_G, better=benchmark_G - 0.6 + rng.normal(size=100)) < 0.01


def test_nothing_to_compare_gives_nothing() -> None:
    same_G = np.arange(20.0)
    assert np.isnan(p_value(same_G, same=same_G))
