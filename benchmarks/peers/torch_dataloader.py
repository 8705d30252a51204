"""PyTorch as it is usually written: TensorDataset, DataLoader, one model, AdamW, a learning-rate warm-up by hand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.paper_job import BATCH, DELTA, LEARNING_RATE, WARMUP_STEPS, WEIGHT_DECAY, simulated_rows
from benchmarks.peers.peer import run_peer, seconds_asked
from benchmarks.peers.torch_net import first_module, stacked_parameters


class DataLoaderLoop:
    """One model."""

    members, unit = 1, 1

    def __init__(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        dataset = TensorDataset(torch.from_numpy(x_NF), torch.from_numpy(y_N[:, None]))
        self.loader = DataLoader(dataset, batch_size=BATCH, shuffle=True)
        self.batches = self._endless_batches()
        self.model = first_module().train()
        self.criterion = nn.HuberLoss(delta=DELTA)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        self.step = 0
        self.loss_sum = 0.0

    def _endless_batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            yield from self.loader

    def train(self, steps: int) -> None:
        """The loop of a typical script, loss read every step."""
        for _ in range(steps):
            features, target = next(self.batches)
            self.step += 1
            for group in self.optimizer.param_groups:
                group["lr"] = LEARNING_RATE * min(1.0, self.step / WARMUP_STEPS)
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(features), target)
            loss.backward()
            self.optimizer.step()
            self.loss_sum += loss.item()

    def parameters(self) -> dict[str, np.ndarray]:
        """See ``Peer``."""
        return stacked_parameters(self.model)


if __name__ == "__main__":
    run_peer(DataLoaderLoop, simulated_rows(), seconds=seconds_asked())
