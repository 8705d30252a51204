"""The weights of a stack are those that its rows ask for, and no bolder than they can prove."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from tailproof.evaluation import STACKED, fit_stack, spearman, stacked
from tailproof.objectives import Objective, row_losses

HUBER = Objective(loss="huber", delta=0.1)
EQUAL = dict.fromkeys(STACKED, 1 / 3)


def forecasts_of(knowledge: dict[str, float], *, rows: int, seed: int = 0) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Forecasts that hold a share of a signal besides noise of their own, and the targets that the signal moves."""
    rng = np.random.default_rng(seed)
    signal_R = 0.02 * rng.standard_normal(rows)
    forecasts = {name: 0.5 + share * signal_R + 0.01 * rng.standard_normal(rows) for name, share in knowledge.items()}
    return forecasts, 0.5 + signal_R + 0.2 * rng.standard_normal(rows)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rows", [0, 1, 30, 3_000])
def test_weights_are_not_negative_and_their_sum_is_one(rows: int, seed: int) -> None:
    forecasts, target_R = forecasts_of({"network": 0.0, "ridge": -1.0, "LightGBM": 1.0}, rows=rows, seed=seed)
    weights = fit_stack(HUBER, forecasts, target_R, center=0.5)
    assert tuple(weights) == STACKED
    assert min(weights.values()) >= 0.0
    assert sum(weights.values()) == pytest.approx(1.0, abs=1e-15)


def test_the_weight_goes_to_the_only_one_that_knows() -> None:
    forecasts, target_R = forecasts_of({"network": 0.0, "ridge": 1.0, "LightGBM": 0.0}, rows=20_000)
    assert fit_stack(HUBER, forecasts, target_R, center=0.5)["ridge"] > 0.6
    assert fit_stack(HUBER, forecasts, target_R, center=0.5, give=np.inf)["ridge"] > 0.7


def test_a_few_rows_move_the_weights_little() -> None:
    forecasts, target_R = forecasts_of({"network": 0.0, "ridge": 1.0, "LightGBM": 0.0}, rows=200)
    weights = fit_stack(HUBER, forecasts, target_R, center=0.5)
    assert max(abs(weights[name] - EQUAL[name]) for name in STACKED) < 0.2
    assert fit_stack(HUBER, forecasts, target_R[:0], center=0.5) == EQUAL


def test_the_rows_alone_give_the_weights_that_scipy_finds() -> None:
    forecasts, target_R = forecasts_of({"network": 0.5, "ridge": 1.0, "LightGBM": 0.7}, rows=5_000)

    def loss(weight_C: np.ndarray) -> float:
        weights = dict(zip(STACKED, (*weight_C, 1.0 - weight_C.sum()), strict=True))
        return float(row_losses(HUBER, stacked(weights, forecasts), target_R).mean() * 1e4)

    optimum = minimize(
        loss,
        [1 / 3, 1 / 3],
        bounds=[(0.0, 1.0)] * 2,
        constraints={"type": "ineq", "fun": lambda weight_C: 1.0 - weight_C.sum()},
    )
    weights = fit_stack(HUBER, forecasts, target_R, center=0.5, give=np.inf)
    assert [weights["network"], weights["ridge"]] == pytest.approx(optimum.x, abs=1 / 12)


def test_a_stack_of_noise_knows_nothing() -> None:
    """Weights are fitted on some rows, and other rows of the same null world are judged."""
    rank_ics = []
    for seed in range(40):
        forecasts, target_R = forecasts_of(dict.fromkeys(STACKED, 0.0), rows=2_000, seed=seed)
        weights = fit_stack(HUBER, {name: each[:500] for name, each in forecasts.items()}, target_R[:500], center=0.5)
        rank_ics.append(spearman(stacked(weights, forecasts)[500:], target_R[500:]))
    error = np.std(rank_ics) / np.sqrt(len(rank_ics))
    assert abs(np.mean(rank_ics)) < 3.0 * error
    assert error < 2.0 / np.sqrt(1_500 * 40), "no wider than chance"


def test_forecasts_that_never_vary_leave_the_weights_equal() -> None:
    flat_R = np.full(100, 0.5)
    assert fit_stack(HUBER, dict.fromkeys(STACKED, flat_R), np.linspace(0.0, 1.0, 100), center=0.5) == EQUAL
