"""A population of 64 in PyTorch: torch.func, gradients under vmap, AdamW by torch's own foreach operations."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call, grad, vmap
from torch.nn.functional import huber_loss

from benchmarks.paper_job import (
    BATCH,
    DELTA,
    LEARNING_RATE,
    WARMUP_STEPS,
    WEIGHT_DECAY,
    first_weights,
    simulated_rows,
    step_order,
)
from benchmarks.peers.peer import run_peer, seconds_asked
from benchmarks.peers.torch_net import first_module


class VmapPopulation:
    """64 models that share the batch; AdamW is elementwise, so one fused optimizer serves the stacked weights."""

    members, unit = 64, 1

    def __init__(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        order_N = torch.from_numpy(step_order().ravel())
        self.x_NF = torch.from_numpy(x_NF)[order_N]
        self.y_N1 = torch.from_numpy(y_N[:, None])[order_N]
        self.weights = {name: torch.from_numpy(value).clone() for name, value in first_weights(self.members).items()}
        self.learning_rate = torch.tensor(0.0)
        self.optimizer = torch.optim.AdamW(
            list(self.weights.values()), lr=self.learning_rate, weight_decay=WEIGHT_DECAY, fused=True
        )
        model = first_module().train()

        def loss(weights: dict[str, Tensor], features: Tensor, target: Tensor) -> Tensor:
            return huber_loss(functional_call(model, weights, (features,)), target, delta=DELTA)

        self.gradient = vmap(grad(loss), in_dims=(0, None, None), randomness="different")
        self.step = 0

    def train(self, steps: int) -> None:
        """See ``Peer``."""
        for _ in range(steps):
            start = self.step * BATCH % len(self.x_NF)
            self.step += 1
            if self.step <= WARMUP_STEPS:
                self.learning_rate.fill_(LEARNING_RATE * self.step / WARMUP_STEPS)
            batch = slice(start, start + BATCH)
            gradients = self.gradient(self.weights, self.x_NF[batch], self.y_N1[batch])
            for name, weight in self.weights.items():
                weight.grad = gradients[name]
            self.optimizer.step()

    def parameters(self) -> dict[str, np.ndarray]:
        """See ``Peer``."""
        return {name: weight.numpy().copy() for name, weight in self.weights.items()}


if __name__ == "__main__":
    run_peer(VmapPopulation, simulated_rows(), seconds=seconds_asked())
