import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar

from tailproof.core.errors import ConfigError
from tailproof.engines.torch.torch_losses import TorchLoss
from tailproof.objectives import Objective, best_constant, huber, row_losses

RNG = np.random.default_rng(1)


def test_huber_worked_values() -> None:
    np.testing.assert_allclose(huber(np.array([0.0, 0.1, -0.1, 0.5]), delta=0.1), [0.0, 0.005, 0.005, 0.045])


@pytest.mark.parametrize("delta", [0.01, 0.1, 1.0])
def test_huber_equals_torch_and_so_does_its_gradient(delta: float) -> None:
    prediction, target = (
        torch.randn(500, dtype=torch.float64, requires_grad=True),
        torch.randn(500, dtype=torch.float64),
    )
    loss = torch.nn.functional.huber_loss(prediction, target, delta=delta, reduction="none")
    error_N = (prediction - target).detach().numpy()
    np.testing.assert_allclose(huber(error_N, delta=delta), loss.detach().numpy(), rtol=1e-12)
    loss.sum().backward()
    step = 1e-6
    slope_N = (huber(error_N + step, delta=delta) - huber(error_N - step, delta=delta)) / (2 * step)
    np.testing.assert_allclose(slope_N, prediction.grad.numpy(), atol=1e-6)


def test_a_constant_half_has_the_known_floor_on_uniform_ranks() -> None:
    rank_N = np.linspace(0.0, 1.0, 1_000_001)
    assert abs(huber(0.5 - rank_N, delta=0.1).mean() - 0.0203333) < 1e-6
    assert abs(np.abs(0.5 - rank_N).mean() - 0.25) < 1e-6


@pytest.mark.parametrize(
    "objective",
    [Objective(loss="huber", delta=0.1), Objective(loss="mse"), Objective(loss="pinball", quantiles=(0.3,))],
    ids=lambda objective: objective.loss,
)
def test_the_best_constant_has_the_least_loss(objective: Objective) -> None:
    target_N = RNG.standard_t(3, 2001)
    best = best_constant(objective, target_N)
    least = minimize_scalar(
        lambda c: row_losses(objective, np.full(2001, c), target_N).mean(), bounds=(-2, 2), method="bounded"
    )
    assert row_losses(objective, np.full(2001, best), target_N).mean() <= least.fun + 1e-12


def test_the_best_constant_of_equal_targets_is_that_target() -> None:
    assert best_constant(Objective(loss="huber"), np.full(10, 0.25)) == 0.25


def test_the_best_constant_of_a_column_in_single_precision_is_as_exact_as_in_double() -> None:
    y_NT = RNG.random((20_001, 3)).astype(np.float32)
    best = best_constant(Objective(loss="huber"), y_NT[:, 1])
    assert abs(np.clip(y_NT[:, 1].astype(np.float64) - best, -0.1, 0.1).mean()) < 1e-15


@pytest.mark.parametrize("loss", ["huber", "mse"])
def test_weighted_batch_loss_equals_repeating_rows(loss: str) -> None:
    output, target = torch.randn(4, 1), torch.randn(4, 1)
    weight = torch.tensor([[1.0], [2.0], [0.0], [3.0]])
    of_batch = TorchLoss(Objective(loss=loss), torch.device("cpu")).of_batch
    repeated = torch.tensor([0, 1, 1, 3, 3, 3])
    torch.testing.assert_close(of_batch(output, target, weight), of_batch(output[repeated], target[repeated], None))


def test_pinball_without_quantiles_is_refused() -> None:
    with pytest.raises(ConfigError, match="quantiles"):
        Objective(loss="pinball")
