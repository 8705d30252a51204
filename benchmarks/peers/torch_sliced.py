"""PyTorch without a DataLoader: batches are slices of rows shuffled once, AdamW fused, the loss never read."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.paper_job import (
    BATCH,
    DELTA,
    LEARNING_RATE,
    WARMUP_STEPS,
    WEIGHT_DECAY,
    simulated_rows,
    step_order,
)
from benchmarks.peers.peer import run_peer, seconds_asked
from benchmarks.peers.torch_net import first_module, stacked_parameters


class SlicedTensors:
    """One model; ``torch_compiled`` compiles the forward pass and the loss of the same loop."""

    members, unit = 1, 1

    def __init__(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        order_N = torch.from_numpy(step_order().ravel())
        self.x_NF = torch.from_numpy(x_NF)[order_N]
        self.y_N1 = torch.from_numpy(y_N[:, None])[order_N]
        self.model = first_module().train()
        self.criterion = nn.HuberLoss(delta=DELTA)
        self.learning_rate = torch.tensor(0.0)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=self.learning_rate, weight_decay=WEIGHT_DECAY, fused=True
        )
        self.step = 0

    def loss(self, features: Tensor, target: Tensor) -> Tensor:
        """Mean loss of a batch."""
        return self.criterion(self.model(features), target)

    def train(self, steps: int) -> None:
        """See ``Peer``."""
        for _ in range(steps):
            start = self.step * BATCH % len(self.x_NF)
            self.step += 1
            if self.step <= WARMUP_STEPS:
                self.learning_rate.fill_(LEARNING_RATE * self.step / WARMUP_STEPS)
            self.optimizer.zero_grad()
            self.loss(self.x_NF[start : start + BATCH], self.y_N1[start : start + BATCH]).backward()
            self.optimizer.step()

    def parameters(self) -> dict[str, np.ndarray]:
        """See ``Peer``."""
        return stacked_parameters(self.model)


if __name__ == "__main__":
    run_peer(SlicedTensors, simulated_rows(), seconds=seconds_asked())
