"""Interactions that were planted are found, on training rows alone; noise, tails and short-lived effects are not."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from tailproof.models.fit_interactions import MAX_INPUTS, MAX_TERMS, MIN_ROWS, STRETCHES, fit_interactions
from tailproof.models.interactions import NO_INTERACTIONS

ROWS = 6000


def inputs(seed: int, *, columns: int = 4, rows: int = ROWS) -> np.ndarray:
    """Fat-tailed inputs, clipped as scaled features are."""
    values = np.random.default_rng(seed).standard_t(4, (rows, columns))
    return (5.0 * np.tanh(values / 5.0)).astype(np.float32)


def noise(seed: int, *, rows: int = ROWS) -> np.ndarray:
    return np.random.default_rng([seed, 1]).standard_t(3, (rows, 1))


def test_xor_and_a_distance_from_the_median_are_found_beside_a_line() -> None:
    x_NF = inputs(0)
    y_N1 = x_NF[:, 3:] + np.sign(x_NF[:, :1] * x_NF[:, 1:2]) + np.abs(x_NF[:, 2:3]) + noise(0)
    (terms,) = fit_interactions(x_NF, y_N1)
    weights = dict(zip(zip(terms.first, terms.second, strict=True), terms.weight, strict=True))
    assert weights[0, 1] > 1.0
    assert weights[2, 2] > 1.0
    assert all(abs(weight) < 0.2 for pair, weight in weights.items() if pair not in [(0, 1), (2, 2)])


def test_the_weights_are_those_of_a_joint_regression_shrunk_by_their_own_t() -> None:
    x_NF = inputs(1)
    squashed = np.tanh(x_NF.astype(np.float64))
    y_N = 0.5 * squashed[:, 0] * squashed[:, 1] + 0.4 * squashed[:, 0] * squashed[:, 2] + noise(1)[:, 0]
    (terms,) = fit_interactions(x_NF, y_N[:, np.newaxis])
    products = np.column_stack(
        [squashed[:, i] * squashed[:, j] for i, j in zip(terms.first, terms.second, strict=True)]
    )
    stretch_N = np.arange(ROWS) * STRETCHES // ROWS
    fit = sm.OLS(y_N, sm.add_constant(np.column_stack([x_NF, products]))).fit(
        cov_type="cluster", cov_kwds={"groups": stretch_N}
    )
    t_P = fit.tvalues[-len(terms) :]
    expected_P = fit.params[-len(terms) :] * (1.0 - 2.0 * np.log(10) / t_P**2)
    assert {(0, 1), (0, 2)} <= set(zip(terms.first, terms.second, strict=True))
    np.testing.assert_allclose(terms.weight, expected_P, rtol=0.06, atol=0.01)


def test_of_pure_noise_little_is_kept() -> None:
    kept, total = 0, 0.0
    for seed in range(20):
        (terms,) = fit_interactions(inputs(seed), noise(seed))
        kept += len(terms)
        total += float(np.abs(terms.weight).sum())
    assert kept <= 20
    assert total / 20 < 0.06  # the noise has a standard deviation of 1.7


def test_an_effect_of_one_short_time_is_no_interaction() -> None:
    x_NF, y_N1 = inputs(2), noise(2)
    y_N1[: ROWS // STRETCHES] += 6.0 * np.sign(x_NF[: ROWS // STRETCHES, :1] * x_NF[: ROWS // STRETCHES, 1:2])
    (terms,) = fit_interactions(x_NF, y_N1)
    assert (0, 1) not in zip(terms.first, terms.second, strict=True)


def test_each_target_column_has_its_own() -> None:
    x_NF = inputs(4)
    first = np.sign(x_NF[:, :1] * x_NF[:, 1:2]) + noise(4)
    second = np.abs(x_NF[:, 2:3]) + noise(5)
    both = fit_interactions(x_NF, np.hstack([first, second]))
    assert both == (*fit_interactions(x_NF, first), *fit_interactions(x_NF, second))
    assert both[0] != both[1]


@pytest.mark.parametrize("limit", ["MAX_KEPT_VALUES", "MIN_VALUES_FOR_THREADS"])
def test_neither_memory_nor_threads_change_a_bit(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    x_NF = inputs(12)
    y_NT = np.hstack([np.sign(x_NF[:, :1] * x_NF[:, 1:2]), np.abs(x_NF[:, 2:3])]) + noise(12)
    usual = fit_interactions(x_NF, y_NT)
    monkeypatch.setattr(f"tailproof.models.fit_interactions.{limit}", 0)
    assert fit_interactions(x_NF, y_NT) == usual


def test_a_column_that_never_varies_or_repeats_another_is_no_trouble() -> None:
    x_NF = inputs(6)
    y_N1 = np.sign(x_NF[:, :1] * x_NF[:, 1:2]) + noise(6)
    (terms,) = fit_interactions(np.hstack([x_NF, x_NF[:, :1], np.zeros((ROWS, 1), dtype=np.float32)]), y_N1)
    found = dict(zip(zip(terms.first, terms.second, strict=True), terms.weight, strict=True))
    assert found[0, 1] == pytest.approx(found[1, 4], rel=1e-3)  # input 4 is input 0: they share the weight
    assert 0.3 < found[0, 1] < 1.5


@pytest.mark.parametrize("seed", range(3))
def test_a_target_that_is_a_line_leaves_nothing_to_explain(seed: int) -> None:
    """What is left is rounding; divided by the square of a yes or no, which is a line too, it is any number."""
    x_NF = np.random.default_rng(seed).integers(0, 2, (ROWS, 4)).astype(np.float32)
    line_N1 = x_NF @ np.array([[1.0], [2.0], [3.0], [4.0]], dtype=np.float32)
    assert fit_interactions(x_NF, line_N1) == (NO_INTERACTIONS,)
    (terms,) = fit_interactions(x_NF, line_N1 + np.float32(0.01) * (x_NF[:, :1] != x_NF[:, 1:2]))
    assert (terms.first, terms.second) == ((0,), (1,))


def test_a_square_of_a_skewed_input_is_fitted_beside_its_line() -> None:
    """Where an input lies mostly on one side of its median its square and itself say nearly the same."""
    x_NF = np.abs(inputs(10)) - 0.5
    squashed_N = np.tanh(x_NF[:, 0].astype(np.float64))
    y_N = -x_NF[:, 0] + 4.0 * squashed_N**2 + 0.3 * noise(10)[:, 0]
    (terms,) = fit_interactions(x_NF, y_N[:, np.newaxis])
    weights = dict(zip(zip(terms.first, terms.second, strict=True), terms.weight, strict=True))
    products = np.column_stack([np.tanh(x_NF[:, i]) * np.tanh(x_NF[:, j]) for i, j in weights])
    fit = sm.OLS(y_N, sm.add_constant(np.column_stack([x_NF, products]))).fit()
    place = list(weights).index((0, 0))
    assert weights[0, 0] == pytest.approx(fit.params[5 + place], rel=0.05)


def test_a_level_that_drifts_hides_no_interaction() -> None:
    x_NF = inputs(11)
    drift_N1 = np.repeat([[-8.0], [8.0]], ROWS // 2, axis=0)
    plain, drifting = (fit_interactions(x_NF, np.abs(x_NF[:, :1]) + noise(11) + level) for level in (0.0, drift_N1))
    assert (plain[0].first, plain[0].second) == ((0,), (0,))
    assert (0, 0) in zip(drifting[0].first, drifting[0].second, strict=True)


def test_there_are_at_most_so_many_terms() -> None:
    x_NF = inputs(7, columns=8)
    squashed = np.tanh(x_NF)
    y_N1 = squashed.sum(axis=1, keepdims=True) ** 2 + 0.1 * noise(7)
    (terms,) = fit_interactions(x_NF, y_N1)
    assert len(terms) == MAX_TERMS


@pytest.mark.parametrize(("rows", "columns"), [(MIN_ROWS - 1, 3), (MIN_ROWS, MAX_INPUTS + 1)])
def test_too_few_rows_and_too_many_inputs_have_none(rows: int, columns: int) -> None:
    x_NF = inputs(8, rows=rows, columns=columns)
    assert fit_interactions(x_NF, x_NF[:, :1] ** 2) == (NO_INTERACTIONS,)


def test_one_pair_is_found_among_thousands() -> None:
    x_NF = inputs(9, columns=190)  # 18,145 candidates: a stretch of 120 rows is worked on in parts
    (terms,) = fit_interactions(x_NF, np.sign(x_NF[:, 7:8] * x_NF[:, 100:101]) + noise(9))
    assert (terms.first, terms.second) == ((7,), (100,))
    assert 1.0 < terms.weight[0] < 2.0
