import numpy as np
import pytest
from arch.bootstrap import SPA

from tailproof.evaluation.superior_ability import superior_ability


def p_value(benchmark_G, **losses_G) -> float:
    return superior_ability(benchmark_G, losses_G, mean_block=2.0, rng=np.random.default_rng(0))


def test_it_is_archs_test() -> None:
    rng = np.random.default_rng(1)
    benchmark_G, first_G, second_G = rng.normal(size=(3, 150))
    direct = SPA(
        benchmark_G, np.stack([first_G, second_G], axis=1), block_size=2, reps=1000, seed=np.random.default_rng(0)
    )
    direct.compute()
    assert p_value(benchmark_G, first=first_G, second=second_G) == direct.pvalues["consistent"]


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
    assert p_value(np.random.default_rng(0).normal(size=50), same=np.zeros(50)) == pytest.approx(0.5, abs=0.5)
