import itertools

import numpy as np
import pytest

from tailproof.evaluation.paying import probability_of_overfitting


def plain(result_ST: np.ndarray, blocks: int) -> float:
    """The oracle: the definition, block by block, as logits; a logit of 0, the median itself, is half a case."""
    parts = np.array_split(np.arange(len(result_ST)), blocks)
    logits = []
    for chosen in itertools.combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[block] for block in chosen])
        outside = np.concatenate([parts[block] for block in range(blocks) if block not in chosen])
        ratio = [(half.mean(axis=0) / half.std(axis=0, ddof=1)) for half in (result_ST[inside], result_ST[outside])]
        share = (1.0 + np.sum(ratio[1] < ratio[1][np.argmax(ratio[0])])) / (result_ST.shape[1] + 1)
        logits.append(np.log(share / (1 - share)))
    return float(np.mean((np.sign(logits) <= 0.0) - 0.5 * (np.sign(logits) == 0.0)))


@pytest.mark.parametrize("seed", range(3))
def test_it_is_its_definition(seed: int) -> None:
    result_ST = np.random.default_rng(seed).normal(size=(240, 7)) + np.linspace(0.0, 0.1, 7)
    assert probability_of_overfitting(result_ST, blocks=8) == pytest.approx(plain(result_ST, 8))


def test_a_worked_example() -> None:
    """Vignette of the R package pbo: 100 trials of 2,400 periods with exactly equal Sharpe ratios, 8 blocks: the
    summary prints p_bo 1.000000. What is best on one half is owed by the other (Bailey et al. 2017, section 6)."""
    result_ST = np.random.default_rng(765).normal(size=(2_400, 100))
    result_ST = (result_ST - result_ST.mean(axis=0)) / result_ST.std(axis=0, ddof=1) / 252**0.5
    assert probability_of_overfitting(result_ST, blocks=8) == 1.0


def test_trials_without_skill_are_overfitted_half_of_the_time() -> None:
    values = [probability_of_overfitting(np.random.default_rng(seed).normal(size=(400, 20))) for seed in range(60)]
    assert np.mean(values) == pytest.approx(0.5, abs=0.1)


def test_three_trials_without_skill_are_overfitted_half_of_the_time() -> None:
    values = [probability_of_overfitting(np.random.default_rng(seed).normal(size=(400, 3))) for seed in range(200)]
    assert np.mean(values) == pytest.approx(0.5, abs=0.05)


def test_a_tie_is_not_below() -> None:
    one_S = np.random.default_rng(0).normal(size=(400, 1))
    assert probability_of_overfitting(np.hstack([one_S, one_S])) == 0.0
    assert probability_of_overfitting(np.zeros((400, 3))) == 0.0


def test_too_little_to_say_gives_none() -> None:
    assert probability_of_overfitting(np.zeros((400, 1))) is None
    assert probability_of_overfitting(np.zeros((39, 5))) is None


def test_trials_that_never_traded_do_not_break_it() -> None:
    result_ST = np.random.default_rng(0).normal(size=(400, 3)) + 0.2
    result_ST[:, 1] = 0.0
    assert 0.0 <= probability_of_overfitting(result_ST) <= 1.0
