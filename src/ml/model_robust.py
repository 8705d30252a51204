"""The original project's network, loss and warm-up under their original names; the work is done by torch and
tailproof."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn
from torch.optim import Optimizer

from tailproof.models.spec import robust_financial_net
from tailproof.models.torch_modules import ResidualBlock as PreActivationBlock
from tailproof.models.torch_modules import build_module

__all__ = ["HuberLoss", "LearningRateWarmup", "ResidualBlock", "RobustFinancialNet"]


class RobustFinancialNet(nn.Sequential):
    """LayerNorm(inputs) → (Linear → LayerNorm → ReLU → Dropout) for each hidden width → Linear → Sigmoid.

    ``best_model.pth`` of a run loads into it.

    >>> sum(p.numel() for p in RobustFinancialNet(input_dim=5, hidden_dims=(16, 8)).parameters())
    299
    """

    def __init__(self, input_dim: int = 5, hidden_dims: Sequence[int] = (16, 8), dropout_rate: float = 0.1) -> None:
        spec = robust_financial_net(
            inputs=input_dim, hidden_dims=tuple(hidden_dims), dropout_rate=dropout_rate, input_norm="layer"
        )
        super().__init__(*build_module(spec))


class ResidualBlock(PreActivationBlock):
    """x + (LayerNorm → ReLU → Linear → LayerNorm → ReLU → Dropout → Linear)(x), all of width ``dim``."""

    def __init__(self, dim: int, dropout_rate: float = 0.1) -> None:
        half = [nn.LayerNorm(dim), nn.ReLU(), nn.Linear(dim, dim)]
        other = [nn.LayerNorm(dim), nn.ReLU(), nn.Dropout(dropout_rate), nn.Linear(dim, dim)]
        super().__init__(*half, *other)


class HuberLoss(nn.HuberLoss):
    """torch's own Huber loss with the original's delta of 0.1."""

    def __init__(self, delta: float = 0.1) -> None:
        super().__init__(delta=delta)


class LearningRateWarmup:
    """Raises the learning rate linearly from ``initial_lr`` to ``target_lr`` over ``warmup_steps`` calls of ``step``.

    >>> import torch
    >>> optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))])
    >>> warmup = LearningRateWarmup(optimizer, warmup_steps=4, target_lr=1e-4)
    >>> [warmup.step() for _ in range(5)]
    [2.5e-05, 5e-05, 7.5e-05, 0.0001, 0.0001]
    """

    def __init__(
        self, optimizer: Optimizer, warmup_steps: int = 1000, target_lr: float = 1e-4, initial_lr: float = 0.0
    ) -> None:
        self.optimizer = optimizer
        self.warmup_steps = warmup_steps
        self.initial_lr, self.target_lr = initial_lr, target_lr
        self.current_step = 0

    def step(self) -> float:
        """Set and give back the learning rate of the next optimizer step; call it before that step."""
        self.current_step += 1
        progress = min(1.0, self.current_step / max(1, self.warmup_steps))
        rate = self.initial_lr + progress * (self.target_lr - self.initial_lr)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        return rate
