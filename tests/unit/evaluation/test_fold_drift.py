import numpy as np
import pytest

from tailproof.evaluation.fold_drift import prediction_drift

RNG = np.random.default_rng(0)


def test_a_shifted_fold_stands_out() -> None:
    fold_N = np.repeat(np.arange(4), 5_000)
    prediction_N = RNG.normal(size=20_000) + 2.0 * (fold_N == 3)
    first, *still, moved = prediction_drift(prediction_N, fold_N)
    assert first.stability_index == 0.0
    assert all(fold.stability_index < 0.02 for fold in still)
    assert moved.stability_index > 0.25
    assert moved.mean > 1.9


def test_the_index_is_its_formula() -> None:
    fold_N = np.repeat([0, 1], 1_000)
    prediction_N = RNG.normal(size=2_000) + fold_N
    edges = np.r_[-np.inf, np.quantile(prediction_N[:1_000], np.linspace(0.1, 0.9, 9)), np.inf]
    first, second = (np.histogram(part, edges)[0] / 1_000 for part in (prediction_N[:1_000], prediction_N[1_000:]))
    expected = np.sum((second - first) * np.log(second / first))
    assert prediction_drift(prediction_N, fold_N)[1].stability_index == pytest.approx(expected)
